import type { Measurement, Series } from '../metrics/measurement.js'

/**
 * What instances have metered of what is paid for: counted where it leaves the instance, kept beside the connections of
 * each component. Lower bounds, for what an instance has not written when it ends is not in them.
 */
export interface Metered {
  /** Redis commands; each in a pipeline is one, and so is a script. */
  commands: number
  /** Published at the queue. */
  messages: number
  documentReads: number
  documentWrites: number
}

export const METERED = ['commands', 'messages', 'documentReads', 'documentWrites'] as const satisfies (keyof Metered)[]

/**
 * What commands and messages are for. `traffic`: the application's reads and writes, with what is measured of them.
 * `moving`: runs, and verbs that change something. `watching`: ticks of the cron, with what the autopilot does in them.
 * `looking`: verbs that only read, and the page.
 */
export type Purpose = 'traffic' | (typeof OTHERS)[number]

/** Traffic is what is left: on its way nothing more is counted. */
const OTHERS = ['moving', 'watching', 'looking'] as const

export type Spent = Pick<Metered, 'commands' | 'messages'>
export type SpentFor = { [purpose in Purpose]: Spent }

/** A sum is named without colons; see the metrics port's drivers. */
export function purposeSum(what: keyof Spent, purpose: Exclude<Purpose, 'traffic'>): string {
  return purpose + (what === 'commands' ? 'Commands' : 'Messages')
}

/** What was metered of components, by what it was for. */
export function spentFor(measurements: readonly Measurement[], components: readonly string[]): SpentFor {
  const found: SpentFor = { traffic: none(), moving: none(), watching: none(), looking: none() }
  for (const { component, operation, sums } of measurements) {
    if (operation !== 'runtime' || !components.includes(component)) continue
    for (const what of ['commands', 'messages'] as const) {
      found.traffic[what] += sums[what] ?? 0
      for (const purpose of OTHERS) {
        const spent = sums[purposeSum(what, purpose)] ?? 0
        found[purpose][what] += spent
        found.traffic[what] -= spent
      }
    }
  }
  return found
}

function none(): Spent {
  return { commands: 0, messages: 0 }
}

/** What belongs to no collection: the ledger, the metrics, the queue, exports. */
export const OWN_COMPONENT = 'cutover'

export function meteredSeries(component: string): Series {
  return { component, path: null, operation: 'runtime' }
}

/** What was metered of each component; `null` for one of which nothing was. */
export function meteredOf(measurements: readonly Measurement[], component: string): Metered | null {
  let found: Metered | null = null
  for (const { component: name, operation, sums } of measurements) {
    if (name !== component || operation !== 'runtime' || !METERED.some((what) => what in sums)) continue
    found ??= { commands: 0, messages: 0, documentReads: 0, documentWrites: 0 }
    for (const what of METERED) found[what] += sums[what] ?? 0
  }
  return found
}

/** Of all components together; `null`: of none. */
export function meteredTogether(measurements: readonly Measurement[]): Metered | null {
  const components = new Set(measurements.map(({ component }) => component))
  return sumOfMetered([...components].map((component) => meteredOf(measurements, component)))
}

export function sumOfMetered(all: readonly (Metered | null)[]): Metered | null {
  const known = all.filter((one) => one !== null)
  if (known.length === 0) return null
  const sum = { commands: 0, messages: 0, documentReads: 0, documentWrites: 0 }
  for (const one of known) for (const what of METERED) sum[what] += one[what]
  return sum
}
