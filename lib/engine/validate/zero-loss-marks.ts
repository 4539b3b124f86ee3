import type { Collection } from '../collection.js'
import { nextMark } from '../stages/marks.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'

/** What a zero-loss check knew when it began, for each partition. */
export interface ZeroLossFacts {
  /** Epoch of both fences; `null` where they did not agree. */
  epochs: (number | null)[]
  marks: number[]
}

export async function beginMarks(collection: Collection): Promise<ZeroLossFacts> {
  const epochs: ZeroLossFacts['epochs'] = []
  const marks: number[] = []
  for (const [source, target] of pairsOf(collection)) {
    const standing = await reconcile(source, target)
    const { epoch } = standing.source.fence
    epochs.push(standing.target.fence?.epoch === epoch ? epoch : null)
    marks.push(await target.beat(0))
  }
  return { epochs, marks }
}

/** Looks whether every partition still has its mark, and sets the next ones. */
export async function checkMarks(
  collection: Collection,
  marks: readonly number[],
): Promise<{ marks: number[]; setBacks: number }> {
  // Side by side: one after the other, the partitions would make every batch look slow, and batches would stay small.
  const checked = await Promise.all(
    pairsOf(collection).map(([, target], number) => nextMark(target, marks[number] ?? 0)),
  )
  return { marks: checked.map(({ mark }) => mark), setBacks: checked.filter(({ stood }) => !stood).length }
}
