import type { Copy, TargetCopy } from '../core/copy.js'
import type { Fence } from '../core/fence.js'

/**
 * The two stores of one partition of a collection, and what the protocol asks of each.
 *
 * Promises of both (checked by `test/contract/source.ts` and `test/contract/target.ts` on every driver):
 * - Every call is one atomic access to the data and to the fence that guards it.
 * - Every mutation carries the caller's fence. If the store's fence is higher, nothing is done, now or later, and the
 *   answer is `stale` with that fence. If it is lower, the store takes the caller's fence and does the operation in
 *   the same access.
 * - A call that throws `CutoverError('unavailable')` may or may not have taken effect, and may yet; the very same call
 *   may be sent again without harm.
 * - Versions of a record never go down, and one version never names two writes.
 * - `null` for a copy means that the store is certain that it has neither the record nor a tombstone of it.
 * - Reads go to where writes go: no replica, no cache that another process cannot invalidate.
 */
export interface Source {
  readonly label: string
  /** The copy of `id`, with the fence, in one access. `recall` looks for a named operation (see `Remembered`). */
  get(id: string, recall?: string): Promise<SourceView>
  /** A new write numbered by the source, if the copy still has version `base` (0: absent). */
  cas(fence: Fence, write: SourceWrite): Promise<CasAnswer>
  /** A copy numbered by the target: it is kept if it is newer than what is here. */
  apply(fence: Fence, id: string, copy: Copy, options?: ApplyOptions): Promise<ApplyAnswer>
  /** `apply` for many records in as few accesses as possible; answers in the order given. */
  applyMany(fence: Fence, copies: readonly Keyed<Copy>[]): Promise<ApplyAnswer[] | Stale>
  /** Copies (tombstones too) with ids above `after`, in id order (`compareIds`), at most `limit`; with the fence. */
  page(after: string | null, limit: number): Promise<Page<Keyed<Copy>> & { fence: Fence }>
  /** The fence, the plan (the latest decision, see `Plan`) and the heartbeat, read in one access. */
  control(): Promise<SourceControl>
  /** Changes fence, plan or heartbeat if `decide` still wants to on the control record that is current then. */
  updateControl(decide: (control: SourceControl) => SourceControl | null): Promise<SourceControl>
  /** Sets the store's fence to `fence` if it is lower; answers the fence it has then. */
  raise(fence: Fence): Promise<Fence>
}

export interface Target {
  readonly label: string
  /** Reads copy and fence in one access. `absentFence` in the view: the store has no fence at all. */
  get(id: string): Promise<TargetView>
  /** A new write numbered by the target; see `BeginAnswer`. */
  begin(fence: Fence, write: TargetWrite): Promise<BeginAnswer>
  /** What the target remembers of an operation. Raises a lower fence; no other effect. */
  probe(fence: Fence, op: string): Promise<ProbeAnswer>
  /** Whether the target numbered both `held` (a version seen at the source) and `mine`: the proof of lawful overtaking. */
  prove(fence: Fence, held: NumberedOp, mine: NumberedOp): Promise<{ kind: 'proved' | 'not-proved' } | Stale>
  /** Copies from the source, each kept if it is newer than what is here. Answers in the order given. */
  applyMany(fence: Fence, copies: readonly Keyed<Copy>[]): Promise<TargetApplyAnswer[] | Stale>
  /** Marks copies as present at the source, each only if the copy is still that version by that operation. */
  settleMany(settled: readonly (NumberedOp & { id: string })[]): Promise<void>
  /** Copies (tombstones too) with ids above `after`, in id order (`compareIds`), at most `limit`; with the fence. */
  page(after: string | null, limit: number): Promise<Page<Keyed<TargetCopy>> & { fence: Fence | null }>
  /** The copies of `ids`, in that order, with the fence. */
  getMany(ids: readonly string[]): Promise<{ fence: Fence | null; copies: (TargetCopy | null)[] }>
  control(): Promise<TargetControl>
  raise(fence: Fence, options?: { hold?: boolean; ifEpoch?: number }): Promise<TargetControl>
  /** Ends a hold, or replaces the fence by one of the same epoch (full flags); nothing happens at another epoch. */
  amend(fence: Fence, options: { hold: boolean }): Promise<TargetControl>
  /** Sets the heartbeat counter to `count` if it is lower; answers the count that was there. */
  beat(count: number): Promise<number>
}

export interface ApplyOptions {
  /** The caller named the operation: remember it. */
  named?: boolean
  /** Conditional writes: the version the target numbered from. A source that has passed it proves a loss. */
  base?: number
}

export interface Keyed<T> {
  id: string
  copy: T
}

export interface Page<T> {
  items: T[]
  /** The store has nothing beyond the last item. */
  end: boolean
}

export interface Stale {
  kind: 'stale'
  fence: Fence
}

/** The store refuses for a moment: one store is being left behind (degrade). */
export interface Held {
  kind: 'hold'
}

/** What a store remembers of a named operation whose effect it has seen: its version, for twice the lateness limit. */
export interface Remembered {
  version: number
  op: string
}

export interface SourceView {
  fence: Fence
  hold: boolean
  copy: Copy | null
  remembered: Remembered | null
}

export interface SourceWrite {
  id: string
  base: number
  op: string
  named: boolean
  value: Copy['value']
}

export type CasAnswer =
  | { kind: 'ok'; version: number; created: boolean }
  | { kind: 'conflict'; copy: Copy | null }
  | { kind: 'known'; version: number; op: string } // a named operation that took effect before
  | Held
  | Stale

export type ApplyAnswer =
  | { kind: 'ok' | 'same' }
  | { kind: 'newer' | 'clash'; copy: Copy } // newer: a higher version; clash: this version by another operation
  | { kind: 'loss' } // conditional writes only: the target has numbered from a base the source has passed
  | Held
  | Stale

export type TargetApplyAnswer = { kind: 'ok' | 'same' } | { kind: 'newer'; copy: TargetCopy }

export interface TargetView {
  /** `null`: the target has no fence (it was never touched, was cleaned, or has lost everything). */
  fence: Fence | null
  hold: boolean
  copy: TargetCopy | null
}

export interface TargetWrite {
  id: string
  op: string
  /** Wall-clock milliseconds; a request later than the lateness limit is refused by the target's own clock. */
  startedAt: number
  value: Copy['value']
  /** Absent: unconditional. Else the version the write is bound to, and how the stage of the slot compares it. */
  base?: number
  /** `at-most` in shadow (the target may lack what the source has), `equal` from live on. */
  compare?: 'at-most' | 'equal'
  /** From shadow on the target must have a fence; without one it has lost everything. */
  fenceExpected: boolean
}

export type BeginAnswer =
  | { kind: 'ok'; version: number; created: boolean }
  | { kind: 'known'; version: number } // done before
  | { kind: 'reused' } // the operation's key is known for another request
  | { kind: 'fail'; copy: TargetCopy | null } // the base is not what the store has; nothing done
  | { kind: 'expired' } // too late to be told from a stray duplicate; nothing done
  | { kind: 'lost' } // a fence was expected and there is none
  | Held
  | Stale

export type ProbeAnswer = { kind: 'known'; version: number } | { kind: 'none' } | Stale

export interface NumberedOp {
  version: number
  op: string
}

export interface TargetControl {
  fence: Fence | null
  hold: boolean
}

/** A decision, made once and in one place (the source) before any fence is raised; anybody may carry it out. */
export interface Plan {
  fence: Fence
  first: 'source' | 'target'
  by: string
  reason: string
  /** Wall-clock milliseconds. */
  at: number
  /** The stage that the operator left and entered, for the audit trail. */
  from: string
  to: string
}

export interface SourceControl {
  fence: Fence
  hold: boolean
  plan: Plan | null
  /** Counts up with every watch; the target's copy of it may never be found behind a confirmed count. */
  heartbeat: number
}
