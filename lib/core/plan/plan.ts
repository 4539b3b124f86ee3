import type { Stage } from '../stage.js'

/**
 * A migration as data: steps in order, each with one action, the evidence without which it is not left, a soak time,
 * and the way back. A cron validator advances or turns back; it decides from evidence alone and never from silence.
 */
export interface MigrationPlan {
  /** `[a-z0-9-]`, at most 64 characters; the plan's key in the ledger. */
  name: string
  /** Moved together: a step is left when every collection has passed its gate. */
  collections: readonly string[]
  steps: readonly PlanStep[]
  /** How much faster than planned soak times elapse: 1 in production, 86,400 rehearses a day in a second. */
  timeScale: number
}

export interface PlanStep {
  name: string
  /** For people: the day on which the step is expected. Soak times, not days, decide when a step is left. */
  day: number
  action: PlanAction
  /** All must pass, for every collection. */
  gate: readonly Condition[]
  /** Milliseconds of planned time: after the action took effect for a move, after the step began otherwise. */
  soakMs: number
  /** What a failing condition does: roll back and stop, or stay and show it. */
  onFail: 'turn-back' | 'wait'
  /** Where turning back leads, by one legal step down; `null`: there is no way back from here. */
  rollback: PlanRollback | null
}

export interface PlanRollback {
  to: Stage
  /** Share that stays at the higher stage, in percent. Default 0: everything goes down. */
  rolloutPercent?: number
}

export type PlanAction =
  | { kind: 'none' }
  /** `rolloutPercent`: share of slots that stand at `to` afterwards. */
  | { kind: 'move'; to: Stage; rolloutPercent: number }
  | { kind: 'run'; run: RunKind }
  | { kind: 'export' }
  | { kind: 'clean-up' }

export type RunKind = 'backfill' | 'validate' | 'zero-loss'

export type Condition =
  | { kind: 'stores-healthy' }
  /** Strict slots: both full flags. Other slots: a back-fill since the step began, complete, without dead letters. */
  | { kind: 'pass-complete' }
  /** A complete validation begun in this step without a mismatch. `minCompared` 0 accepts an empty collection. */
  | { kind: 'validation-clean'; minCompared: number }
  /** Sampled reads of both stores since the step began. */
  | { kind: 'comparisons'; minSamples: number; maxMismatchShare: number }
  | { kind: 'error-rate'; minOperations: number; maxShare: number }
  | { kind: 'no-dead-letters' }
  | { kind: 'no-alerts' }
  /** A check begun in this step has proved that the target holds every acknowledged record. */
  | { kind: 'zero-loss' }

export const PLAN_STEPS_MAX = 50
/** Slower than any rehearsal, and the longest soak still ends at a moment that a date can tell. */
export const TIME_SCALE_MIN = 0.001
export const PLAN_COLLECTIONS_MAX = 32
/** A run that failed is started again in the same step until it was started this often. */
export const RUN_STARTS_MAX = 3
