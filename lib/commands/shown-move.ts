import { type RefusedAct, refusalInWords, type StageRefusal } from '../core/refusals.js'
import type { Stage } from '../core/stage.js'
import type { WalkResult } from '../engine/stages/walk.js'

/** A stage change as operators see it: what was refused, or is left to be done, in words as well. */
export function shownMove(collection: string, result: WalkResult) {
  if (result.kind === 'refused') return shownRefusal(collection, result)
  return { ...result, pending: shownPending(collection, result) }
}

type Left = { to: Stage; pending: { to: Stage; reason: StageRefusal } | null }

/** What is left of a way that came as far as `to`. */
export function shownPending(collection: string, { to: from, pending }: Left) {
  if (pending === null) return null
  const { to, reason } = pending
  return { to, reason, inWords: refusalInWords(reason, { collection, from, to }) }
}

export function shownRefusal<R extends { reason: StageRefusal } & Omit<RefusedAct, 'collection'>>(
  collection: string,
  refused: R,
): R & { inWords: string } {
  return { ...refused, inWords: refusalInWords(refused.reason, { ...refused, collection }) }
}
