import { type RefusedAct, refusalInWords, type StageRefusal } from '../core/refusals.js'
import type { WalkResult } from '../engine/stages/walk.js'

type Refused = Extract<WalkResult, { kind: 'refused' }>

/** A stage change as operators see it: what was refused, or is left to be done, in words as well. */
export function shownMove(collection: string, result: WalkResult) {
  if (result.kind === 'refused') return shownRefusal(collection, result)
  const { pending } = result
  return { ...result, pending: pending === null ? null : inWords(collection, { ...pending, from: result.to }) }
}

export function shownRefusal<R extends Pick<Refused, 'reason' | 'from' | 'to' | 'details'>>(
  collection: string,
  refused: R,
) {
  return inWords(collection, refused)
}

function inWords<R extends { reason: StageRefusal } & Omit<RefusedAct, 'collection'>>(collection: string, refused: R) {
  return { ...refused, inWords: refusalInWords(refused.reason, { ...refused, collection }) }
}
