import { normalAbove, normalDensity, normalUpperQuantile } from './normal.js'
import { solve } from './solve.js'

/**
 * Boundaries for a number of looks that is planned before: z beyond which one stops, such that over all looks together
 * the false alarms are alpha. Sources: Lan and DeMets, "Discrete sequential boundaries for clinical trials", Biometrika
 * 70, 1983 (what is spent by which share of the information); boundaries by recursive numerical integration after
 * Armitage, McPherson and Rowe, "Repeated significance tests on accumulating data", JRSS A 132, 1969, as in Jennison
 * and Turnbull, Group Sequential Methods, 1999, chapter 19.
 *
 * `shares` are those of the planned information at which looks are or were taken, rising, at most 1; `alpha` is for
 * all sides together. A boundary depends on its own look and those before, so that looks may come at other times than
 * planned. `spent` (rising, at most alpha) says what may be spent by each look.
 */
export function boundaries(shares: readonly number[], spent: readonly number[], sides: 1 | 2): number[] {
  const found: number[] = []
  let density: Density | null = null
  let before = 0
  shares.forEach((share, at) => {
    const spend = Math.max(0, (spent[at] ?? before) - before) / sides
    before = spent[at] ?? before
    const z = solve((bound) => crossing(density, share, bound) - spend, -Z_MAX, Z_MAX, Z_WITHIN)
    found.push(z)
    density = carried(density, share, sides === 2 ? -z : -Z_MAX, z)
  })
  return found
}

/** Probability of crossing by any of these boundaries if there is nothing: what one checks boundaries by. */
export function crossed(shares: readonly number[], bounds: readonly number[], sides: 1 | 2): number {
  let density: Density | null = null
  let sum = 0
  shares.forEach((share, at) => {
    const z = bounds[at] ?? Z_MAX
    sum += sides * crossing(density, share, z)
    density = carried(density, share, sides === 2 ? -z : -Z_MAX, z)
  })
  return sum
}

export type Spending = 'obrien-fleming' | 'pocock'

/**
 * What may be spent by a share of the information. Like O'Brien and Fleming: 2 sides (1 - Phi(z(alpha / (2 sides)) /
 * sqrt(share))), next to nothing early. Like Pocock: alpha ln(1 + (e - 1) share), about the same at every look.
 */
export function spentBy(share: number, alpha: number, spending: Spending, sides: 1 | 2): number {
  if (share <= 0) return 0
  if (share >= 1) return alpha
  if (spending === 'pocock') return alpha * Math.log(1 + (Math.E - 1) * share)
  return 2 * sides * normalAbove(normalUpperQuantile(alpha / (2 * sides)) / Math.sqrt(share))
}

/** The density of the sum at a look, where no boundary was crossed before: on even points, with Simpson's weights. */
interface Density {
  share: number
  points: number[]
  /** Density times weight. */
  masses: number[]
}

const Z_MAX = 8
/** Far finer than the integration. */
const Z_WITHIN = 1e-9
/** Intervals of the integration; even. */
const INTERVALS = 200

/** The probability that the sum, inside all boundaries so far, is above `z` at `share`. */
function crossing(density: Density | null, share: number, z: number): number {
  if (density === null) return normalAbove(z)
  const spread = Math.sqrt(share - density.share)
  const bound = z * Math.sqrt(share)
  return density.points.reduce((sum, point, at) => {
    const needed = (bound - point) / spread
    const share = needed > Z_MAX ? 0 : needed < -Z_MAX ? 1 : normalAbove(needed)
    return sum + (density.masses[at] ?? 0) * share
  }, 0)
}

function carried(density: Density | null, share: number, low: number, high: number): Density {
  const root = Math.sqrt(share)
  const [from, to] = [Math.max(low, -Z_MAX) * root, Math.min(high, Z_MAX) * root]
  const width = Math.max(0, to - from) / INTERVALS
  const points = Array.from({ length: INTERVALS + 1 }, (_, at) => from + at * width)
  const masses = points.map((point, at) => {
    const weight = at === 0 || at === INTERVALS ? 1 : at % 2 === 1 ? 4 : 2
    return (densityAt(density, share, point) * weight * width) / 3
  })
  return { share, points, masses }
}

function densityAt(density: Density | null, share: number, at: number): number {
  if (density === null) return normalDensity(at / Math.sqrt(share)) / Math.sqrt(share)
  const spread = Math.sqrt(share - density.share)
  const sum = density.points.reduce((all, point, n) => {
    return all + (density.masses[n] ?? 0) * normalDensity((at - point) / spread)
  }, 0)
  return sum / spread
}
