import type { CheckpointFinding, CheckpointKind, Rule } from '../../core/checkpoint/checkpoint.js'
import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'

/** Finds out one kind of checkpoint, in steps that a batch of a run has time for. A step may be worked twice. */
export type Part<Kind extends CheckpointKind> = (
  parts: PartContext,
  rule: Extract<Rule, { kind: Kind }>,
  /** What the step before has left; `null`: this is the first. */
  work: Json,
) => Promise<Stepped>

export interface PartContext {
  context: EngineContext
  collection: Collection
  run: Run
  /** Records that a step should take. */
  limit: number
}

export type Stepped =
  | {
      kind: 'more'
      work: Json
      /** Records dealt with, and bytes read, for pacing. */
      records: number
      bytes: number
      /** Wall-clock milliseconds before which the next step has nothing to do. */
      restUntil?: number
    }
  | { kind: 'found'; finding: CheckpointFinding; records: number }
