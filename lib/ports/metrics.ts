import type { Measurement, Series } from '../core/metrics/measurement.js'

/**
 * Where every instance adds what it has measured, in buckets of time.
 *
 * - `add` adds all of its measurements to the bucket that holds `at`, in one access, or throws
 *   `CutoverError('unavailable')`; then they may have been added, and whoever adds them again may count them twice.
 *   Adding is exact in any order and from any number of instances at once.
 * - `read` answers whole buckets: those that begin at `from` or later and end by `to`, and the one that is still filling
 *   if it begins before `to`. Old buckets are kept in a coarser grain (`widthMs` tells), and then not at all.
 * - What was measured is kept by the time that instances told, so clocks that differ blur the edges by that much.
 */
export interface MetricsStore {
  readonly label: string
  /** Width of the finest buckets, in milliseconds: no window is told more exactly. */
  readonly bucketMs: number
  add(at: number, measurements: readonly Measurement[]): Promise<void>
  /** Buckets in order of time; of each only the series asked for. */
  read(query: MetricsQuery): Promise<MetricsBucket[]>
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
