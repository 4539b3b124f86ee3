import { addSketch, coarsen, type Sketch, valueOfBin } from './sketch.js'

/** Which of two ways an operation went: to one of two stores, or through one of two running systems. */
export const PATHS = ['source', 'target', 'legacy', 'new'] as const
export type Path = (typeof PATHS)[number]

/**
 * What is counted together. A component is a collection or a part that a flag switches. Operations of collections are
 * `read`, `list` and `write` (path: the store that answered, or by the stage should have) and `compare` (one request
 * that has met both stores: one measurement under each path). Operations of others are named by whoever measures them.
 * `path: null`: it belongs to no path (comparisons' outcomes, connections, memory).
 */
export interface Series {
  component: string
  path: Path | null
  operation: string
}

/** Where a measurement goes whose own series would be one too many. No component can have this name. */
export const OVERFLOW: Series = { component: '(overflow)', path: null, operation: 'overflow' }

/** What happened within some time. Two of them are added exactly, in any order (peaks: the higher one). */
export interface Measured {
  /** Operations, the failed ones included. */
  count: number
  /** Those that failed by no fault of their caller's. */
  errors: number
  /** Further counts by name, such as `matched`, `mismatched`, `inconclusive`, `connections`, `dropped`. */
  sums: { [name: string]: number }
  /** Highest values by name, such as `memoryShare` (0 to 1). */
  peaks: { [name: string]: number }
  /** How long operations took, in milliseconds. */
  latencyMs: Sketch
}

export type Measurement = Series & Measured

export function nothingMeasured(): Measured {
  return { count: 0, errors: 0, sums: {}, peaks: {}, latencyMs: new Map() }
}

/** Adds `more` to `sum`. */
export function addMeasured(sum: Measured, more: Measured): void {
  sum.count += more.count
  sum.errors += more.errors
  for (const [name, value] of Object.entries(more.sums)) sum.sums[name] = (sum.sums[name] ?? 0) + value
  for (const [name, value] of Object.entries(more.peaks)) sum.peaks[name] = Math.max(sum.peaks[name] ?? value, value)
  addSketch(sum.latencyMs, more.latencyMs)
}

/**
 * As totals keep it: latencies in the wide bins of `coarsen`, and their sum, to within 1 %, as the sum `latencyMs`,
 * which wide bins could not tell any more.
 */
export function totalled(measurement: Measurement): Measurement {
  const { sums, latencyMs } = measurement
  if (latencyMs.size === 0) return measurement
  let sum = sums.latencyMs ?? 0
  for (const [bin, times] of latencyMs) sum += valueOfBin(bin) * times
  return { ...measurement, sums: { ...sums, latencyMs: sum }, latencyMs: coarsen(latencyMs) }
}

export function keyOfSeries({ component, path, operation }: Series): string {
  return `${component}\n${path ?? ''}\n${operation}`
}

/** The series of a key that `keyOfSeries` has made; `null`: it has not. */
export function seriesOfKey(key: string): Series | null {
  const [component, path, operation, ...rest] = key.split('\n')
  if (component === undefined || path === undefined || operation === undefined || rest.length > 0) return null
  if (path === '') return { component, path: null, operation }
  const known = PATHS.find((candidate) => candidate === path)
  return known === undefined ? null : { component, path: known, operation }
}

/** Whether a series has all the members that are asked for. */
export function isOf(series: Series, of: Partial<Series>): boolean {
  return (
    (of.component === undefined || of.component === series.component) &&
    (of.path === undefined || of.path === series.path) &&
    (of.operation === undefined || of.operation === series.operation)
  )
}
