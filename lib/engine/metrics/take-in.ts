import { CutoverError } from '../../core/error.js'
import type { Measurement } from '../../core/metrics/measurement.js'
import { addValue, type Sketch } from '../../core/metrics/sketch.js'
import { ONCE_KEPT_MS } from '../../ports/metrics.js'
import { componentOf } from '../components.js'
import type { EngineContext } from '../context.js'

/** What somebody else has measured of the two ways of a part: of one moment, in one bucket. */
export interface Report {
  /** The same report is taken once, however often it is sent within two hours. */
  id: string
  component: string
  /** Wall-clock milliseconds, of the last hour; absent: now. */
  at?: number | undefined
  measurements: readonly Reported[]
}

export interface Reported {
  path: 'legacy' | 'new'
  operation: string
  count: number
  errors: number
  /** Each with the number of operations that took so long; those are part of `count`. */
  latencies: readonly { ms: number; times: number }[]
  sums: { [name: string]: number }
}

export type TakenIn = { kind: 'recorded'; bucket: number } | { kind: 'refused'; reason: 'measured-here' }

/** A collection's operations are measured where they happen: nobody else's word is added to that. */
export async function takeIn(
  context: Pick<EngineContext, 'collections' | 'ledger' | 'metrics' | 'clock'>,
  { id, component: name, at, measurements }: Report,
): Promise<TakenIn> {
  const { metrics, clock } = context
  const component = await componentOf(context, name)
  if (component.kind === 'collection') return { kind: 'refused', reason: 'measured-here' }
  const now = clock.now()
  const when = at ?? now
  if (when < now - ONCE_KEPT_MS / 2 || when > now + AHEAD_MS) {
    throw new CutoverError('invalid-input', '`at` is a moment of the last hour, in milliseconds since 1970.')
  }
  await metrics.add(
    when,
    measurements.map((one) => measurementOf(name, one)),
    { by: `report:${name}:${id}`, number: 1 },
  )
  return { kind: 'recorded', bucket: Math.floor(when / metrics.bucketMs) * metrics.bucketMs }
}

/** Clocks differ. */
const AHEAD_MS = 60_000

function measurementOf(component: string, { path, operation, count, errors, latencies, sums }: Reported): Measurement {
  const latencyMs: Sketch = new Map()
  let timed = 0
  for (const { ms, times } of latencies) {
    addValue(latencyMs, ms, times)
    timed += times
  }
  if (errors > count || timed > count) {
    throw new CutoverError('invalid-input', `Of ${operation} more failed or were timed than there were operations.`)
  }
  return { component, path, operation, count, errors, sums, peaks: {}, latencyMs }
}
