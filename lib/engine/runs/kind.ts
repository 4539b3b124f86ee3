import type { Json, JsonObject } from '../../core/json.js'
import type { DeadLetter, Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'

/**
 * One kind of run: how it begins, how a batch is worked, how it ends. A batch may be worked twice (a worker that died
 * after the work and before the commit), and by two workers at once (one of them will not be able to commit): its
 * effects must bear that.
 */
export interface RunKind {
  /** Where to begin, how much there is to do (`null`: not known), and facts to be kept beside the run's input. */
  begin(context: EngineContext, collection: Collection, input: JsonObject): Promise<RunBeginning>
  /** Works at most `limit` records from the run's cursor. */
  batch(context: EngineContext, collection: Collection, run: Run, limit: number): Promise<BatchDone>
  /** After the last batch. `succeeded: false` ends the run as failed, with the note as its reason. */
  finish(
    context: EngineContext,
    collection: Collection,
    run: Run,
  ): Promise<{ succeeded: boolean; note: string | null; result: Json }>
}

export interface RunBeginning {
  cursor: Json
  total: number | null
  facts?: JsonObject
}

export interface BatchDone {
  /** Where to go on; `null`: that was the last batch. */
  cursor: Json
  /** Records dealt with, for progress. */
  done: number
  /** Read, for pacing. */
  records: number
  bytes: number
  counters: { [name: string]: number }
  deadLetters: DeadLetter[]
  /** What this batch has settled of the records that earlier runs set aside. */
  passed?: Passed
  /** Wall-clock milliseconds before which the next batch has nothing to do. */
  restUntil?: number
}

/** Ids above `after` and up to `until` (`null`: all), of those that `includes` accepts. */
export interface Passed {
  after: string | null
  until: string | null
  includes: (id: string) => boolean
}
