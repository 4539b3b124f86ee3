import { visibleValue } from '../../core/copy.js'
import type { ReadOutcome } from '../../core/data-plane.js'
import { stateOf } from '../../core/fence.js'
import { type ReadTask, read } from '../../core/protocol/read.js'
import type { Collection, Surroundings } from '../collection.js'
import { runAfterwards } from './afterwards.js'
import { failure } from './failure.js'
import { etagOf, etagOfDeletion } from './intent.js'
import { finished, locate, type PartitionState, Place } from './partition.js'
import { perform } from './perform.js'
import { readPlain } from './plain.js'

export async function getRecord(
  collection: Collection,
  states: PartitionState[],
  id: string,
  around: Surroundings,
  began = around.clock.monotonic(),
): Promise<ReadOutcome> {
  const { state } = locate(collection, states, id)
  const task = new Reading(collection, id, around.clock.now())
  let result = await perform(read(task, state.fence), state, around, began, task)
  // Nothing was answered under a fence that is out of date, as this instance has learned meanwhile.
  if (result.kind === 'failed' && state.fence.epoch > result.fence.epoch) {
    result = await perform(read(task, state.fence), state, around, began, task)
  }
  if (result.kind === 'failed') {
    if (result.reason === 'target-lost-data' && (await finished(state))) return readPlain(collection, state.fence, id)
    throw failure(result.reason, `${collection.name}/${id}`, false, task.notSent)
  }
  if (result.kind === 'finished') return readPlain(collection, result.fence, id)
  runAfterwards(result.afterwards, state, around)
  if (result.fallback) around.report({ kind: 'fallback-read', collection: collection.name, store: result.servedBy })
  const { copy, fence, servedBy } = result
  const { stage } = stateOf(fence, task)
  if (stage !== 'off' && stage !== 'complete') around.sampled?.(collection.name, state.number, id)
  const value = visibleValue(copy)
  if (copy === null) return { kind: 'absent', stage, epoch: fence.epoch, servedBy }
  if (value === null) return { kind: 'absent', etag: etagOfDeletion(copy.version), stage, epoch: fence.epoch, servedBy }
  return { kind: 'found', value, etag: etagOf(copy.version), stage, epoch: fence.epoch, servedBy }
}

class Reading extends Place implements ReadTask {
  readonly startedAt: number

  constructor(collection: Collection, id: string, startedAt: number) {
    super(collection, id)
    this.startedAt = startedAt
  }
}
