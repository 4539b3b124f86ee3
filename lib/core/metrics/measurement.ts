import { addSketch, type Sketch } from './sketch.js'

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

export function keyOfSeries({ component, path, operation }: Series): string {
  return `${component}\n${path ?? ''}\n${operation}`
}
