import { binomialAtMost, quantileBounds } from '../checkpoint/order-statistics.js'
import { normalUpperQuantile } from '../experiment/statistics/normal.js'
import { solve } from '../experiment/statistics/solve.js'
import { quantile, type Sketch, sizeOf, valueOfBin } from '../metrics/sketch.js'

/**
 * A value told from a sample, and bounds that the true one is not below (`low`) and not above (`high`), each wrong with
 * a probability of at most 1 - confidence. `high` may be infinite: too few to tell.
 */
export interface Bounds {
  value: number
  low: number
  high: number
}

/**
 * Bounds of a share, `k` of `n`, after Clopper and Pearson ("The use of confidence or fiducial limits illustrated in the
 * case of the binomial", Biometrika 26, 1934). Wilson's interval is shorter, but right only on average over shares and
 * too short for rare failures (Brown, Cai and DasGupta, "Interval estimation for a binomial proportion", Statistical
 * Science 16, 2001), and those are what thresholds of 1 % are about: this one is never wrong more often than it says.
 * Where a handful of operations have all failed it is far above such a threshold at once.
 */
export function shareBounds(k: number, n: number, confidence: number): Bounds {
  const alpha = 1 - confidence
  const low = k === 0 ? 0 : solve((p) => 1 - binomialAtMost(k - 1, n, p) - alpha, 0, k / n)
  const high = k === n ? 1 : solve((p) => binomialAtMost(k, n, p) - alpha, k / n, 1)
  return { value: k / n, low, high }
}

/** Of a quantile, without assuming how values are distributed: see `checkpoint/order-statistics.ts`. */
export function quantileWithBounds(sketch: Sketch, q: number, confidence: number): Bounds {
  const { lower, upper } = quantileBounds(sketch, q, 1 - confidence)
  return { value: quantile(sketch, q) ?? 0, low: lower, high: upper ?? Number.POSITIVE_INFINITY }
}

/** Of a mean, by the central limit theorem: fair for hundreds of values, rough for tens. */
export function meanWithBounds(sketch: Sketch, confidence: number): Bounds {
  const n = sizeOf(sketch)
  let sum = 0
  let squares = 0
  for (const [bin, times] of sketch) sum += valueOfBin(bin) * times
  const value = sum / n
  for (const [bin, times] of sketch) squares += (valueOfBin(bin) - value) ** 2 * times
  if (n < 2) return { value, low: 0, high: Number.POSITIVE_INFINITY }
  const half = normalUpperQuantile(1 - confidence) * Math.sqrt(squares / (n - 1) / n)
  return { value, low: Math.max(0, value - half), high: value + half }
}

/** Of one path against the other, as the share by which it is above. The inequality of Bonferroni: see there. */
export function relative(one: Bounds, other: Bounds): Bounds {
  return {
    value: over(one.value, other.value),
    low: over(one.low, other.high),
    high: over(one.high, other.low),
  }
}

function over(a: number, b: number): number {
  if (b === Number.POSITIVE_INFINITY) return -1
  if (b === 0) return a === 0 ? 0 : Number.POSITIVE_INFINITY
  return a / b - 1
}
