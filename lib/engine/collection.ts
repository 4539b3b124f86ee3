import type { Clock } from '../ports/clock.js'
import type { SourceCollection, TargetCollection } from '../ports/store.js'

/** A collection as the engine works on it: its name and its two stores. */
export interface Collection {
  name: string
  source: SourceCollection
  target: TargetCollection
  /** The part of an id that decides the slot: records with one bucket key move together. Default: the id. */
  bucketKey?: (id: string) => string
  /**
   * A store that is lost may be left behind after this many milliseconds (see `engine/degrade.ts`); single-store reads
   * in the strict stages then need to have seen the other store within that time. `null`: never, and no such need.
   */
  leaseMs: number | null
  /** Told of every answer and every silence of the stores, where somebody wants to know; see `failing/guarded.ts`. */
  breakers?: { [store in 'source' | 'target']: { heard(): void; failed(error: unknown): void } }
}

/** What the data plane tells others, and where its work after an answer goes. */
export interface Surroundings {
  clock: Clock
  /** Keeps the function alive until the work is done (`waitUntil`); errors inside are handled there. */
  background: (work: Promise<unknown>) => void
  report: (event: DataPlaneEvent) => void
  /** How long copies to the other store are gathered, in milliseconds; see `data-plane/copies.ts`. */
  copiesWindowMs?: number
  /** Told of every read in a stage in which both stores are kept; may compare some of them, after the answer. */
  sampled?: (collection: string, partition: number, id: string) => void
}

export type DataPlaneEvent =
  /** The target lost acknowledged data, as was found at `epoch` (absent: the watch has to look); see `react.ts`. */
  | { kind: 'target-lost-data'; collection: string; partition: number; epoch?: number; sign: string; id: string }
  /** A store did not answer a request that was sent as often as is reasonable. */
  | { kind: 'no-answer'; collection: string; partition: number; store: 'source' | 'target' }
  /** Work after an acknowledgement failed; a pass repairs it. */
  | { kind: 'left-behind'; collection: string; partition: number; store: 'source' | 'target'; id: string }
  /** A read was answered by the store that the stage does not name. */
  | { kind: 'fallback-read'; collection: string; store: 'source' | 'target' }
