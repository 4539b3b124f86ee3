import type { Measured } from '../../core/metrics/measurement.js'
import type { MetricsStore } from '../../ports/metrics.js'

/** What all instances have counted of a collection's traffic. `failed` counts what was no fault of the caller's. */
export interface TrafficCounts {
  reads: number
  writes: number
  failed: number
  matched: number
  mismatched: number
  inconclusive: number
}

const NO_TRAFFIC: TrafficCounts = { reads: 0, writes: 0, failed: 0, matched: 0, mismatched: 0, inconclusive: 0 }

/**
 * Traffic in buckets that begin at `since` (wall-clock milliseconds) or later: nothing from before is in it. `null`
 * when nothing was counted. Counts are lower bounds: what an instance has not written yet is missing.
 */
export async function trafficSince(
  metrics: MetricsStore,
  collection: string,
  since: number,
  now: number,
): Promise<TrafficCounts | null> {
  const sum = { ...NO_TRAFFIC }
  let found = false
  const to = Math.max(since, now) + AHEAD_MS
  for (const { measurements } of await metrics.read({ from: since, to, of: { component: collection } })) {
    for (const { operation, ...measured } of measurements) {
      if (operation === 'runtime') continue
      found = true
      if (operation === 'compare') addCompared(sum, measured)
      else {
        sum[operation === 'write' ? 'writes' : 'reads'] += measured.count
        sum.failed += measured.errors
      }
    }
  }
  return found ? sum : null
}

/** Clocks of two instances differ; what another tells of by now may have happened a little later than now. */
const AHEAD_MS = 60_000

function addCompared(sum: TrafficCounts, { sums }: Pick<Measured, 'sums'>): void {
  for (const what of ['matched', 'mismatched', 'inconclusive'] as const) sum[what] += sums[what] ?? 0
}

/** Whether any collection was in use within `ms` of now, as far as instances have written it. */
export async function inUseWithin(
  metrics: MetricsStore,
  collections: readonly string[],
  now: number,
  ms: number,
): Promise<boolean> {
  // The bucket that holds the beginning counts too.
  const from = Math.floor((now - ms) / metrics.bucketMs) * metrics.bucketMs
  const buckets = await metrics.read({ from, to: now + AHEAD_MS })
  return buckets.some(({ measurements }) =>
    measurements.some(
      ({ component, operation, count }) => count > 0 && operation !== 'compare' && collections.includes(component),
    ),
  )
}
