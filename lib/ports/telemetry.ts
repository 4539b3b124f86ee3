import type { JsonObject } from '../core/json.js'

/** Where metrics are told to others, by the OpenTelemetry protocol. */
export interface Telemetry {
  /** How long instances may take until what they have measured is in the store, in milliseconds. */
  lagMs: number
  /** Never throws. */
  push(request: JsonObject): Promise<Pushed>
}

/**
 * - `taken`; `rejected` of its points were not.
 * - `later`: surely nothing was taken, and it may be sent again.
 * - `refused`: it was not taken, and would not be another time.
 * - `unknown`: there was no answer; it may have been taken.
 */
export type Pushed =
  | { kind: 'taken'; rejected: number }
  | { kind: 'later' | 'refused' | 'unknown'; status: number | null }
