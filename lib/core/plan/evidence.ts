import type { Condition } from './plan.js'

/**
 * What is known of one collection at one moment. `null` means that nothing is known: it was never measured, or it
 * cannot be asked now. Times are wall-clock milliseconds. Counts of samples and operations begin at the time asked for.
 */
export interface Evidence {
  takenAt: number
  stores: { source: Health; target: Health } | null
  /** Slots of all partitions; `full`: strict slots with both full flags. */
  flags: { slots: number; strict: number; full: number } | null
  /** The latest complete run begun since the time asked for; if none is complete, the latest begun. */
  backfill: { runId: string; startedAt: number; complete: boolean; deadLetters: number } | null
  /** Chosen like `backfill`. `mismatches` were seen again after a second look. */
  validation: { runId: string; startedAt: number; complete: boolean; compared: number; mismatches: number } | null
  comparisons: { samples: number; mismatches: number } | null
  operations: { count: number; failed: number } | null
  /** Set aside and not yet retried or dropped. */
  deadLetters: number | null
  openAlerts: number | null
  zeroLoss: { runId: string; startedAt: number; outcome: 'passed' | 'failed' | 'inconclusive'; checked: number } | null
  /** Of a component: the share of its traffic that takes the path `new`, in percent, as its flag says now. */
  rollout?: number | null
  /** What the component's rules came to since the time asked for. */
  breaches?: { weighed: number; breaches: number; undecided: number } | null
  /** What checkpoints found since the time asked for. */
  checkpoints?: readonly { kind: string; outcome: Outcome; id: string; at: number }[] | null
  /** Each threshold of the step's gate, by `keyOfThreshold`. */
  thresholds?: { readonly [key: string]: WeighedThreshold } | null
}

type Outcome = 'pass' | 'breach' | 'not-enough-evidence'

export interface WeighedThreshold {
  outcome: Outcome
  /** `null`: there was nothing to tell it from. */
  value: number | null
  sample: number
}

export type Health = 'healthy' | 'unhealthy' | 'unknown'

/** One condition weighed for one collection, with the reason and the numbers that led to it. */
export interface Verdict extends Finding {
  /** `null`: it concerns the whole plan (the soak time). */
  collection: string | null
  condition: Condition | { kind: 'action-done' } | { kind: 'soak' } | { kind: 'rollout-held' }
}

export interface Finding {
  outcome: 'pass' | 'fail' | 'not-enough-evidence'
  because: Because
  numbers: { readonly [name: string]: number | string }
}

export type Because =
  | 'evidence-unavailable' // a store or a meter could not be asked
  | 'evidence-too-early' // it was taken before the step took effect
  | 'not-measured'
  | 'numbers-unreadable' // negative, fractional or contradictory counts
  | 'both-stores-healthy'
  | 'store-unhealthy'
  | 'store-health-unknown'
  | 'all-slots-full'
  | 'slots-not-full'
  | 'backfill-complete'
  | 'no-run-in-this-step'
  | 'run-not-complete'
  | 'dead-letters-left'
  | 'no-mismatches'
  | 'mismatches-found'
  | 'too-few-compared'
  | 'share-within-limit'
  | 'share-above-limit'
  | 'too-few-samples'
  | 'no-dead-letters'
  | 'no-open-alerts'
  | 'alerts-open'
  | 'nothing-lost'
  | 'loss-found'
  | 'check-inconclusive'
  | 'no-rule-in-breach'
  | 'rule-in-breach'
  | 'too-few-weighed'
  | 'checkpoint-passed'
  | 'checkpoint-failed'
  | 'checkpoint-undecided'
  | 'no-checkpoint-in-this-step'
  | 'within-threshold'
  | 'beyond-threshold'
  | 'rollout-held'
  | 'rollout-taken-back' // by somebody else, below what the step had set
  | 'rollout-changed' // by somebody else, above it
  | 'action-done'
  | 'action-under-way'
  | 'run-starts-again'
  | 'run-failed'
  | 'run-cancelled'
  | 'soak-elapsed'
  | 'soaking'

/** A verdict as one line: `validation-clean of projects: fail, mismatches-found (compared 100, mismatches 3)`. */
export function explain({ collection, condition, outcome, because, numbers }: Verdict): string {
  const used = Object.entries(numbers).map(([name, value]) => `${name} ${value}`)
  const about = collection === null ? condition.kind : `${condition.kind} of ${collection}`
  return `${about}: ${outcome}, ${because}${used.length === 0 ? '' : ` (${used.join(', ')})`}`
}
