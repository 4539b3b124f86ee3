import type { Collection } from '../collection.js'
import { sideBySide } from '../side-by-side.js'
import { firstMark, nextMark } from '../stages/marks.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'

/** What a zero-loss check knew when it began, for each partition. */
export interface ZeroLossFacts {
  /** Epoch of both fences; `null` where they did not agree. */
  epochs: (number | null)[]
  marks: number[]
}

export async function beginMarks(collection: Collection): Promise<ZeroLossFacts> {
  const begun = await sideBySide(pairsOf(collection), async ([source, target]) => {
    const standing = await reconcile(source, target)
    const { epoch } = standing.source.fence
    const agreed = standing.target.fence?.epoch === epoch ? epoch : null
    return { epoch: agreed, mark: await firstMark(target, 'check') }
  })
  return { epochs: begun.map(({ epoch }) => epoch), marks: begun.map(({ mark }) => mark) }
}

/** Which partitions have lost their mark; and the next ones, which it sets. */
export async function checkMarks(
  collection: Collection,
  marks: readonly number[],
): Promise<{ marks: number[]; setBack: number[] }> {
  // Side by side: one after the other, the partitions would make every batch look slow, and batches would stay small.
  const checked = await sideBySide(pairsOf(collection), ([, target], number) => nextMark(target, marks[number] ?? 0))
  const setBack = checked.flatMap(({ stood }, number) => (stood ? [] : [number]))
  return { marks: checked.map(({ mark }) => mark), setBack }
}
