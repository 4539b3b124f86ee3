import type { Mutation, WriteOutcome } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import { stateOf } from '../../core/fence.js'
import type { Operation } from '../../core/operation.js'
import type { Intent, WriteTask } from '../../core/protocol/outcome.js'
import { write } from '../../core/protocol/write.js'
import { sourceNumbers } from '../../core/stage.js'
import type { Collection, Surroundings } from '../collection.js'
import { runAfterwards } from './afterwards.js'
import { failure } from './failure.js'
import { askedOf, etagOf, etagOfDeletion } from './intent.js'
import { finished, locate, type PartitionState, Place } from './partition.js'
import { perform } from './perform.js'
import { writePlain } from './plain.js'

export interface WriteRequest {
  collection: Collection
  states: PartitionState[]
  id: string
  operation: Operation
  mutation: Mutation
  around: Surroundings
  /** Monotonic milliseconds. */
  began: number
}

export async function writeRecord(request: WriteRequest): Promise<WriteOutcome> {
  const { collection, states, id, operation, mutation, around, began } = request
  const { state } = locate(collection, states, id)
  const asked = askedOf(mutation, collection.name, id)
  const task = new Writing(collection, id, operation, asked.intent)
  let result = await perform(write(task, state.fence), state, around, began, task)
  // Nothing was done, under a fence that is out of date, as this instance has learned meanwhile.
  if (result.kind === 'failed' && state.fence.epoch > result.fence.epoch)
    result = await perform(write(task, state.fence), state, around, began, task)
  switch (result.kind) {
    case 'written': {
      runAfterwards(result.afterwards, state, around)
      const { fence, value, version } = result
      const { stage } = stateOf(fence, task)
      const etag = mutation.kind === 'delete' ? etagOfDeletion(version) : etagOf(version)
      const created = result.created && mayCreate(mutation)
      const servedBy = sourceNumbers(stage) ? 'source' : 'target'
      return { kind: 'written', etag, value, created, stage, epoch: fence.epoch, servedBy }
    }
    case 'finished':
      return writePlain(collection, result.fence, id, mutation)
    case 'refused':
      throw asked.refusal()
    case 'reused':
      throw new CutoverError(
        'idempotency-mismatch',
        'This Idempotency-Key was used for another request. Use a fresh one for each request.',
      )
    case 'failed':
      if (result.reason === 'target-lost-data' && (await finished(state))) {
        return writePlain(collection, state.fence, id, mutation)
      }
      throw failure(result.reason, `${collection.name}/${id}`, false, task.notSent)
    case 'unknown':
      throw failure(result.reason, `${collection.name}/${id}`, true, task.notSent)
  }
}

/** Before a pass the target may number as new what the source has had all the while. */
function mayCreate({ kind, condition }: Mutation): boolean {
  return kind === 'put' && condition?.kind !== 'if-match'
}

class Writing extends Place implements WriteTask {
  readonly operation: Operation
  readonly intent: Intent

  constructor(collection: Collection, id: string, operation: Operation, intent: Intent) {
    super(collection, id)
    this.operation = operation
    this.intent = intent
  }
}
