import {
  type Metered,
  meteredOf,
  meteredSeries,
  OWN_COMPONENT,
  type SpentFor,
  spentFor,
  sumOfMetered,
} from '../../core/estimate/metered.js'
import type { Measurement } from '../../core/metrics/measurement.js'
import { collectionOf, type EngineContext } from '../context.js'
import { type KeptEstimate, keptEstimates } from './kept.js'

/** What was metered so far of what is paid for, and what was said before. Reads; writes nothing. */
export interface Cost {
  /** Wall-clock milliseconds of the first measurement; `null`: nothing was metered. */
  since: number | null
  soFar: Metered | null
  /** Of that, what it was for. */
  spentFor: SpentFor
  collections: { collection: string; metered: Metered | null }[]
  /** What belongs to no collection. */
  own: Metered | null
  lastHour: Metered | null
  /** Of the last hour, as long as something has been metered. */
  meteredMs: number
  /** Only of one collection, without what belongs to none. */
  partly: boolean
  /** What was said before, of each part that began by itself. */
  estimates: KeptEstimate[]
}

export async function costSoFar(context: EngineContext, collection?: string): Promise<Cost> {
  const { metrics, clock, ledger, collections } = context
  const names =
    collection === undefined ? collections.map(({ name }) => name) : [collectionOf(context, collection).name]
  const of = collection === undefined ? { operation: 'runtime' } : meteredSeries(collection)
  const now = clock.now()
  const [totals, buckets, estimates] = await Promise.all([
    metrics.totals(),
    metrics.read({ from: now - HOUR_MS, to: now, of }),
    keptEstimates(ledger),
  ])
  const recent = buckets.flatMap(({ measurements }) => measurements)
  const all = collection === undefined ? [...names, OWN_COMPONENT] : names
  const sumOf = (measurements: readonly Measurement[]): Metered | null =>
    sumOfMetered(all.map((name) => meteredOf(measurements, name)))
  const soFar = sumOf(totals.measurements)
  return {
    since: soFar === null ? null : totals.since,
    soFar,
    collections: names.map((name) => ({ collection: name, metered: meteredOf(totals.measurements, name) })),
    own: collection === undefined ? meteredOf(totals.measurements, OWN_COMPONENT) : null,
    spentFor: spentFor(totals.measurements, all),
    lastHour: sumOf(recent),
    meteredMs: soFar === null || totals.since === null ? 0 : Math.min(HOUR_MS, Math.max(0, now - totals.since)),
    partly: collection !== undefined,
    // One that was made of several together says nothing of any.
    estimates: estimates.filter((kept) => collection === undefined || kept.collections.join() === collection),
  }
}

const HOUR_MS = 3_600_000
