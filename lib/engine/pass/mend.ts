import { slotState } from '../../core/fence.js'
import { isStrict } from '../../core/stage.js'
import type { Clock } from '../../ports/clock.js'
import { type PartitionState, slotFor } from '../data-plane/partition.js'

/**
 * One version, two writes: the target was set back to an earlier state and has given a version again that the source
 * knows from before. Nothing acknowledged is at the target alone then, so the source's value is written once more, as
 * an ordinary write bound to what the target has: a later version, the same for both. Only where a recovery has made
 * the source the truth; elsewhere nobody can tell which of the two counts. Answers whether the stores agree now.
 */
export async function mendClash(state: PartitionState, id: string, clock: Clock): Promise<boolean> {
  const { source, target, fence } = state
  const { stage, fullSource, fullTarget } = slotState(fence, slotFor(state.collection, id))
  if (!isStrict(stage) || !fullSource || fullTarget) return false
  const [here, there] = [await source.get(id), await target.get(id)]
  if (here.fence.epoch !== fence.epoch || there.fence?.epoch !== fence.epoch) return false
  if (here.copy === null || there.copy === null || here.copy.version !== there.copy.version) return false
  const { value } = here.copy
  const op = clock.id().replaceAll('-', '')
  const bound = { base: there.copy.version, compare: 'equal' as const, fenceExpected: true }
  const begun = await target.begin(fence, { id, op, startedAt: clock.now(), value, ...bound })
  if (begun.kind !== 'ok') return false
  const { version } = begun
  const applied = await source.apply(fence, id, { version, op, value })
  if (applied.kind !== 'ok' && applied.kind !== 'same' && applied.kind !== 'newer') return false
  await target.settleMany([{ id, version, op }])
  return true
}
