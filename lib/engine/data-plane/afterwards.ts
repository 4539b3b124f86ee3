import type { Afterwards } from '../../core/protocol/outcome.js'
import type { Surroundings } from '../collection.js'
import { type Copying, gatherCopy } from './copies.js'
import type { PartitionState } from './partition.js'

/**
 * Work after an acknowledgement. It is tried once: what fails is reported and left to the next pass, which finds it by
 * the open mark or by comparing versions. While a store hangs, so does this work: beyond what may wait for it, more is
 * not begun, and is reported like what failed.
 */
export function runAfterwards(work: readonly Afterwards[], state: PartitionState, around: Surroundings): void {
  if (work.length === 0) return // as after most reads; the closure below would cost them half a microsecond
  const told = (item: Copying): void => leftBehind(item, state, around)
  for (const item of work) {
    if (item.do !== 'settle') {
      if (!gatherCopy(item, state, around, told)) told(item)
    } else if (state.underWay < UNDER_WAY_MAX) around.background(settle(item, state, around))
    else leftBehind(item, state, around)
  }
}

/** Per partition and instance: far more than a store that answers ever has to wait for. */
export const UNDER_WAY_MAX = 1_000

async function settle(
  item: Extract<Afterwards, { do: 'settle' }>,
  state: PartitionState,
  around: Surroundings,
): Promise<void> {
  state.underWay++
  try {
    await state.target.settleMany([{ id: item.id, ...item.numbered }])
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
