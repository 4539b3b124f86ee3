import type { Copy, TargetCopy } from '../copy.js'
import type { Fence } from '../fence.js'
import type { JsonObject } from '../json.js'

/** What stores are asked and what they answer; the calls themselves, and their promises, are in `ports/store.ts`. */
export interface ApplyOptions {
  /** The caller named the operation: remember it. */
  named?: boolean
  /** Conditional writes: the version the target numbered from. A source that has passed it proves a loss. */
  base?: number
  /** The target has proved that a later write lawfully took this one's place: a named one is remembered all the same. */
  overtaken?: boolean
}

export interface Keyed<T> {
  id: string
  copy: T
  /** The value as JSON, where it is at hand: a store that keeps text need not make it again. */
  text?: string
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

/** The store refuses for a moment: one store is being left behind (degrade). No promise for later, unlike `stale`. */
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

/**
 * A position of the target's heartbeat counter: it must stand at `from` or beyond when a batch of copies comes, and is
 * lifted to `to` with it, in the same access. So whoever finds it at `to` later knows that the batch is still there.
 */
export interface BatchMark {
  from: number
  to: number
}

/** The counter is behind the mark: the target was set back to an earlier state since. Nothing was done. */
export interface SetBack {
  kind: 'set-back'
}

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
  /** The operation that made the copy of version `base`, where it was seen: found under another one is a loss. */
  baseOp?: string
  /** From shadow on the target must have a fence; without one it has lost everything. */
  fenceExpected: boolean
}

export type BeginAnswer =
  | { kind: 'ok'; version: number; created: boolean }
  | { kind: 'known'; version: number } // done before
  | { kind: 'reused' } // the operation's key is known for another request, and is kept as long again
  | { kind: 'fail'; copy: TargetCopy | null } // the base is not what the store has; nothing done
  | { kind: 'expired' } // too late to be told from a stray duplicate; nothing done, now or ever
  | { kind: 'early' } // started in the store's future: nothing done, but a stray duplicate may yet come in time
  | { kind: 'lost' } // a fence was expected and there is none
  | { kind: 'loss' } // the version of the base belongs to another operation here: it was given twice; nothing done
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

export interface Counts {
  records: number
  tombstones: number
}

export interface PlainCopy {
  value: JsonObject
  /** SHA-1 of the stored text, in hexadecimal: an ETag, not a defence. */
  digest: string
}

export type PlainAnswer =
  | { kind: 'ok'; digest: string; created: boolean }
  | { kind: 'conflict'; copy: PlainCopy | null }
