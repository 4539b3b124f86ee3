import type { Path } from '../metrics/measurement.js'
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
  /** Components that a flag switches, taken along beside the collections by `rollout`. Default: none. */
  components?: readonly string[]
  /** The program whose phase this plan carries out: it goes on only while that program does. */
  program?: string
  steps: readonly PlanStep[]
  /** How much faster than planned soak times elapse: 1 in production, 86,400 rehearses a day in a second. */
  timeScale: number
}

export interface PlanStep {
  name: string
  /** For people: the day on which the step is expected. Soak times, not days, decide when a step is left. */
  day: number
  action: PlanAction
  /** All must pass, for every collection and component that a condition can be asked of. */
  gate: readonly Condition[]
  /** Milliseconds of planned time: after the action took effect for a move, after the step began otherwise. */
  soakMs: number
  /** What a failing condition does: roll back and stop, or stay and show it. */
  onFail: 'turn-back' | 'wait'
  /** Where turning back leads those that the step acts on; `null`: there is no way back from here. */
  rollback: PlanRollback | null
}

export type PlanRollback = StageRollback | RolloutRollback

/** Of collections: one legal step down. */
export interface StageRollback {
  to: Stage
  /** Share that stays at the higher stage, in percent. Default 0: everything goes down. */
  rolloutPercent?: number
}

/** Of components: the share that the new path keeps, below the step's own. */
export interface RolloutRollback {
  to?: undefined
  rolloutPercent: number
}

export type PlanAction =
  | { kind: 'none' }
  /** `rolloutPercent`: share of slots that stand at `to` afterwards. */
  | { kind: 'move'; to: Stage; rolloutPercent: number }
  /** `rolloutPercent`: share of each component's traffic that takes the path `new` afterwards. */
  | { kind: 'rollout'; rolloutPercent: number }
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
  /** At least `minWeighed` of the component's rules were decided since the step began, and none was in breach. */
  | { kind: 'no-breach'; minWeighed: number }
  /** The latest checkpoint of this kind since the step began has passed. */
  | { kind: 'checkpoint'; checkpoint: string }
  | ThresholdCondition

/** Holds as long as the metric, on one path within the window (and since the step began), is not beyond the threshold. */
export interface ThresholdCondition {
  kind: 'threshold'
  /** As in the rules of the monitor, such as `error-rate` or `p95-ms`. */
  metric: string
  path: Path
  /** The threshold is a share of the same metric on this path: `>` 0.2 means more than 20 % above it. */
  relativeTo?: Path | undefined
  /** Where the metric must not be: `>` 0.01 is a breach above one percent. */
  operator: '>' | '>=' | '<' | '<='
  threshold: number
  /** Planned minutes; a rehearsal's time scale shortens them. */
  windowMinutes: number
  /** Operations below which nothing is decided. */
  minSample: number
}

/** Everything that a plan takes along. */
export function membersOf({ collections, components = [] }: MigrationPlan): readonly string[] {
  return [...collections, ...components]
}

/** Those that an action acts on: a stage is a collection's, a rollout is a component's. */
export function subjectsOf(plan: MigrationPlan, action: PlanAction): readonly string[] {
  if (action.kind === 'none') return []
  return action.kind === 'rollout' ? (plan.components ?? []) : plan.collections
}

/** Those that a rollback takes down. */
export function takenDownBy(plan: MigrationPlan, rollback: PlanRollback): readonly string[] {
  return rollback.to === undefined ? (plan.components ?? []) : plan.collections
}

export const PLAN_STEPS_MAX = 50
/** Slower than any rehearsal, and the longest soak still ends at a moment that a date can tell. */
export const TIME_SCALE_MIN = 0.001
export const PLAN_COLLECTIONS_MAX = 32
/** A run that failed is started again in the same step until it was started this often. */
export const RUN_STARTS_MAX = 3
