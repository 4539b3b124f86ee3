import type { Collection } from '../collection.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'

/** What a zero-loss check knew when it began, for each partition. */
export interface ZeroLossFacts {
  /** Epoch of both fences; `null` where they did not agree. */
  epochs: (number | null)[]
  marks: number[]
}

/**
 * Marks at the target show that it was not set back to an earlier state while a run compared: the target's heartbeat
 * counter is lifted after each batch, and must never be found below the last mark. What was read before a mark that
 * still stands is still there, as a target that loses writes loses the latest first.
 *
 * The watch lifts the counter by one at a time; a mark lifts it so far that no watch could make up for a lost one.
 */
const MARK = 1_000_000

export async function beginMarks(collection: Collection): Promise<ZeroLossFacts> {
  const facts: ZeroLossFacts = { epochs: [], marks: [] }
  for (const [source, target] of pairsOf(collection)) {
    const standing = await reconcile(source, target)
    const { epoch } = standing.source.fence
    facts.epochs.push(standing.target.fence?.epoch === epoch ? epoch : null)
    facts.marks.push(0)
  }
  return { ...facts, marks: (await checkMarks(collection, facts.marks)).marks }
}

/** Looks whether every partition still has its mark, and sets the next ones. */
export async function checkMarks(
  collection: Collection,
  marks: readonly number[],
): Promise<{ marks: number[]; setBacks: number }> {
  // Side by side: one after the other, the partitions would make every batch look slow, and batches would stay small.
  const checked = await Promise.all(
    pairsOf(collection).map(async ([, target], number) => {
      const mark = marks[number] ?? 0
      const found = await target.beat(mark + MARK)
      if (found < mark + MARK) return { lifted: mark + MARK, setBack: found < mark }
      // Somebody else has lifted it higher: this check's mark has to be higher still.
      await target.beat(found + MARK)
      return { lifted: found + MARK, setBack: false }
    }),
  )
  return { marks: checked.map(({ lifted }) => lifted), setBacks: checked.filter(({ setBack }) => setBack).length }
}
