import type { Measurement, Series } from '../core/metrics/measurement.js'

/**
 * Where every instance adds what it has measured, in buckets of time.
 *
 * - `add` adds all of its measurements to the bucket that holds `at`, in one access, or throws
 *   `CutoverError('unavailable')`; then they may have been added. Adding is exact in any order and from any number of
 *   instances at once (sums that are no integers: to the precision of a double).
 * - With `once`, measurements are added once however often they are sent: the numbers of one writer only grow, and what
 *   comes under a number that is not above the last one taken is passed over. That is known for `ONCE_KEPT_MS` after
 *   the writer was last heard of.
 * - A bucket holds at most `SERIES_MAX` series: what comes under a further one is added to the series `OVERFLOW`.
 * - `read` answers whole buckets: those that begin at `from` or later and end by `to`, and the one that is still filling
 *   if it begins before `to`. Old buckets are kept in a coarser grain (`widthMs` tells), and then not at all. One that
 *   begins before `from` is never in the answer, so nothing from before is; of a window that reaches back beyond the
 *   fine buckets the first part, up to one coarse bucket, may be missing.
 * - `totals` is everything since the store was begun, apart from what has since been destroyed: counters that only grow.
 * - What was measured is kept by the time that instances told, so clocks that differ blur the edges by that much.
 */
export interface MetricsStore {
  readonly label: string
  /** Width of the finest buckets, in milliseconds: no window is told more exactly. */
  readonly bucketMs: number
  add(at: number, measurements: readonly Measurement[], once?: Once): Promise<void>
  /** Buckets in order of time; of each only the series asked for. */
  read(query: MetricsQuery): Promise<MetricsBucket[]>
  totals(): Promise<MetricsTotals>
  /** Removes everything. Only the clean-up after the last day calls it. */
  destroy(): Promise<void>
}

export interface MetricsQuery {
  /** Wall-clock milliseconds. */
  from: number
  to: number
  /** Only series that have these members; absent: all. */
  of?: Partial<Series>
}

export interface MetricsBucket {
  /** Where it begins, in wall-clock milliseconds; a multiple of its width. */
  at: number
  widthMs: number
  measurements: Measurement[]
}

export interface MetricsTotals {
  /** Bucket of the first measurement, in wall-clock milliseconds; `null`: there was none. */
  since: number | null
  /** Each as `totalled` leaves it: latencies in bins of which each is twice as wide as the one before. */
  measurements: Measurement[]
}

/** Who sends, and the how manieth it is. */
export interface Once {
  by: string
  /** An integer above 0. */
  number: number
}

/** How long a store knows what it has taken of a writer, in milliseconds. */
export const ONCE_KEPT_MS = 2 * 3_600_000
/** Series of one bucket, and measurements that `add` takes at once. */
export const SERIES_MAX = 500
