import { type Copy, type TargetCopy, versionOf, visibleValue } from '../copy.js'
import { isStrict, type Stage } from '../stage.js'
import { type Difference, type DiffOptions, differencesOf } from './diff.js'
import { jsonEqual } from './equal.js'

/**
 * Whether the two copies of one record are as the stage of its slot wants them.
 *
 * The stores cannot be read in one access, so a difference may be nothing but a write between the two reads. It is
 * called a mismatch only when two looks in a row show both copies unchanged: versions never go down, so both copies
 * were then in place at one moment. What cannot go wrong: a match is never a guess, and a difference that a stage
 * allows is never a mismatch. What can: in dualwrite a copy that is late to the target looks like one that was lost;
 * the caller looks more than twice there.
 */
export interface Look {
  stage: Stage
  source: Copy | null
  target: TargetCopy | null
  /** The target holds something under this id that cannot be read as a record; `target` is `null` then. */
  targetDamaged?: true
}

export type MismatchReason =
  | 'missing-at-target' // neither a copy nor a tombstone
  | 'extra-at-target' // the source has neither a copy nor a tombstone, and not because the target is ahead
  | 'values-differ' // one version by one operation, with two values
  | 'target-behind'
  | 'source-behind' // although the target says that the source has this copy
  | 'version-names-two-values' // one version by two operations
  | 'damaged-at-target'

export type InconclusiveReason =
  | 'being-written' // it changed at every look
  | 'not-in-this-stage' // in off the target need not have anything
  | 'source-may-lag' // from rampdown on the target acknowledges alone
  | 'unacknowledged-at-target' // dualwrite: left by a write that was never acknowledged; the next write or pass decides
  | 'target-not-full' // a sampled read before the first complete pass: what it lacks may just not have been copied yet
  | 'store-unavailable'

export type Verdict =
  | { kind: 'match' }
  | { kind: 'mismatch'; reason: MismatchReason; differences: Difference[]; more: boolean }
  | { kind: 'inconclusive'; reason: InconclusiveReason }

/** What one look shows, if it stands. `unsettled`: in the strict stages a pass or a reader brings it to the source. */
export type Sign =
  | { kind: 'match' }
  | { kind: 'differs'; reason: MismatchReason }
  | { kind: 'unsettled' }
  | { kind: 'inconclusive'; reason: InconclusiveReason }

export function signOf(look: Look): Sign {
  const difference = look.targetDamaged ? 'damaged-at-target' : differenceOf(look.source, look.target)
  if (difference === null) return { kind: 'match' }
  if (look.stage === 'off') return { kind: 'inconclusive', reason: 'not-in-this-stage' }
  const ahead = difference === 'extra-at-target' || difference === 'source-behind'
  if (!ahead || !look.target?.open) return { kind: 'differs', reason: difference }
  if (isStrict(look.stage)) return { kind: 'unsettled' }
  return { kind: 'inconclusive', reason: look.stage === 'dualwrite' ? 'unacknowledged-at-target' : 'source-may-lag' }
}

/** The verdict of the latest look, given the one before it (`null`: there was none). */
export function verdictOf(look: Look, before: Look | null, options: DiffOptions = {}): Verdict {
  const sign = signOf(look)
  if (sign.kind === 'match' || sign.kind === 'inconclusive') return sign
  if (sign.kind === 'unsettled' || before === null || !unchanged(before, look)) {
    return { kind: 'inconclusive', reason: 'being-written' }
  }
  const visible = [visibleValue(look.source) ?? undefined, visibleValue(look.target) ?? undefined] as const
  const { items, more } =
    sign.reason === 'damaged-at-target' ? { items: [], more: false } : differencesOf(...visible, options)
  return { kind: 'mismatch', reason: sign.reason, differences: items, more }
}

/** The open mark counts: taken off between two looks, it tells that the source has just been written. */
export function unchanged(a: Look, b: Look): boolean {
  const sameMark = a.target?.open === b.target?.open && a.targetDamaged === b.targetDamaged
  return sameMark && sameCopy(a.source, b.source) && sameCopy(a.target, b.target)
}

/** Whether the target holds what the source has, or what came after it. Tombstones count. */
export function targetCovers({ source, target }: Look): boolean {
  if (source === null) return true
  if (target === null) return false
  return target.version > source.version || sameCopy(source, target)
}

function sameCopy(a: Copy | null, b: Copy | null): boolean {
  if (a === null || b === null) return a === b
  return a.version === b.version && a.op === b.op && jsonEqual(a.value, b.value)
}

function differenceOf(source: Copy | null, target: Copy | null): MismatchReason | null {
  if (visibleValue(source) === null && visibleValue(target) === null) return null
  if (target === null) return 'missing-at-target'
  if (source === null) return 'extra-at-target'
  const ahead = versionOf(source) - versionOf(target)
  if (ahead !== 0) return ahead > 0 ? 'target-behind' : 'source-behind'
  if (source.op !== target.op) return 'version-names-two-values'
  return jsonEqual(source.value, target.value) ? null : 'values-differ'
}
