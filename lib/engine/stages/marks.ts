import type { BatchMark } from '../../core/protocol/answers.js'
import type { Counter, Source, Target } from '../../ports/store.js'
import type { Collection } from '../collection.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from './move.js'

/**
 * Marks at the target show whether it was set back to an earlier state while a pass was under way: each batch lifts the
 * target's heartbeat counter in the very access that writes it, and the counter must never be found below the last
 * mark. What was written before a mark that still stands is still there, as a target that loses writes loses the
 * latest first. (Lifted on its own after the batch, the counter would hide the loss of just that batch.)
 *
 * The watch lifts the counter by one at a time; a mark lifts it so far that no watch could make up for a lost one.
 */
const MARK = 1_000_000

/** The last mark of a partition, by those who go on from it. */
export interface Marks {
  last: number
}

export function markAfter(last: number): BatchMark {
  return { from: last, to: last + MARK }
}

/**
 * The first mark of one partition, and never 0, which an empty target would say as well: batches that are under way
 * side by side then find a target that was emptied before the first of them.
 */
export async function firstMark(target: Target, counter: Counter = 'heartbeat'): Promise<number> {
  return Math.max(1, await target.beat(1, counter))
}

/**
 * Sets the next mark of a check for loss, and says whether the last one still stood. On a counter of its own: lifted by
 * a check, the heartbeat would hide a loss from the watch, and from a back-fill that is under way.
 */
export async function nextMark(target: Target, mark: number): Promise<{ mark: number; stood: boolean }> {
  const next = mark + MARK
  return { mark: next, stood: (await target.beat(next, 'check')) >= mark }
}

/** Partitions whose last mark is gone. */
export async function lostMarks(collection: Collection, marks: readonly (number | null)[]): Promise<number[]> {
  const lost = await sideBySide(pairsOf(collection), async ([, target], number) => {
    const mark = marks[number] ?? null
    return mark !== null && (await target.beat(0)) < mark ? [number] : []
  })
  return lost.flat()
}

/**
 * After a partition's last batch: the source keeps its mark, as its heartbeat. A target that is set back from now on is
 * behind it, and is found by the watch, or by the stage change that would trust it, whichever comes first.
 */
export async function keepMark(source: Source, mark: number): Promise<void> {
  await source.updateControl((control) => (control.heartbeat < mark ? { ...control, heartbeat: mark } : null))
}

/** Has the watch find the loss as well: its count at the source goes beyond anything that the target can show. */
export async function tellWatch(source: Source, target: Target): Promise<void> {
  const shown = await target.beat(0)
  await source.updateControl((control) => ({ ...control, heartbeat: Math.max(control.heartbeat, shown + MARK) }))
}
