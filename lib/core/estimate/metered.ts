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
