import { visibleValue } from '../../core/copy.js'
import type { ReadOutcome } from '../../core/data-plane.js'
import { read } from '../../core/protocol/read.js'
import type { Collection, Surroundings } from '../collection.js'
import { runAfterwards } from './afterwards.js'
import { failure } from './failure.js'
import { etagOf } from './intent.js'
import { finished, locate, OPERATION_MS_MAX, type PartitionState, servedAs } from './partition.js'
import { perform } from './perform.js'
import { readPlain } from './plain.js'

export async function getRecord(
  collection: Collection,
  states: PartitionState[],
  id: string,
  around: Surroundings,
): Promise<ReadOutcome> {
  const { state, slot } = locate(collection, states, id)
  const { clock } = around
  const deadline = clock.monotonic() + OPERATION_MS_MAX
  const attempt = () => perform(read({ id, slot, startedAt: clock.now() }, state.fence), state, around, deadline)
  let result = await attempt()
  // Nothing was answered under a fence that is out of date, as this instance has learned meanwhile.
  if (result.kind === 'failed' && state.fence.epoch > result.fence.epoch) result = await attempt()
  if (result.kind === 'failed') {
    if (result.reason === 'target-lost-data' && (await finished(state))) return readPlain(collection, state.fence, id)
    throw failure(result.reason, `${collection.name}/${id}`)
  }
  if (result.kind === 'finished') return readPlain(collection, result.fence, id)
  runAfterwards(result.afterwards, state, around)
  if (result.fallback) around.report({ kind: 'fallback-read', collection: collection.name, store: result.servedBy })
  const served = servedAs(result.fence, slot, result.servedBy)
  if (served.stage !== 'off' && served.stage !== 'complete') around.sampled?.(collection.name, state.number, id)
  const value = visibleValue(result.copy)
  if (value === null || result.copy === null) return { kind: 'absent', ...served }
  return { kind: 'found', value, etag: etagOf(result.copy.version), ...served }
}
