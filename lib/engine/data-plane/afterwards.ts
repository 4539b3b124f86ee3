import type { Afterwards } from '../../core/protocol/outcome.js'
import type { Surroundings } from '../collection.js'
import type { PartitionState } from './partition.js'

/**
 * Work after an acknowledgement. It is tried once: what fails is reported and left to the next pass, which finds it by
 * the open mark or by comparing versions. While a store hangs, so does this work: beyond what may wait for it, more is
 * not begun, and is reported like what failed.
 */
export function runAfterwards(work: readonly Afterwards[], state: PartitionState, around: Surroundings): void {
  for (const item of work) {
    if (state.underWay < UNDER_WAY_MAX) around.background(tried(item, state, around))
    else leftBehind(item, state, around)
  }
}

/** Per partition and instance: far more than a store that answers ever has to wait for. */
export const UNDER_WAY_MAX = 1_000

async function tried(item: Afterwards, state: PartitionState, around: Surroundings): Promise<void> {
  state.underWay++
  try {
    await carryOut(item, state)
  } catch {
    leftBehind(item, state, around)
  } finally {
    state.underWay--
  }
}

function leftBehind(item: Afterwards, { collection, number }: PartitionState, { report }: Surroundings): void {
  const store = item.do === 'copy-to-source' ? 'source' : 'target'
  report({ kind: 'left-behind', collection: collection.name, partition: number, store, id: item.id })
}

async function carryOut(work: Afterwards, { source, target }: PartitionState): Promise<void> {
  const { id } = work
  switch (work.do) {
    case 'settle':
      return await target.settleMany([{ id, ...work.numbered }])
    case 'copy-to-target':
      await target.applyMany(work.fence, [{ id, copy: work.copy }])
      return
    case 'copy-to-source': {
      const answer = await source.apply(work.fence, id, work.copy)
      if (answer.kind === 'ok' || answer.kind === 'same' || answer.kind === 'newer') {
        await target.settleMany([{ id, version: work.copy.version, op: work.copy.op }])
      }
    }
  }
}
