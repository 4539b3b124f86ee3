/**
 * What the control plane remembers of itself beside its documents: ten kinds of entries, each an append-only stream with
 * a retention of its own. Current state (a flag, a rule, a plan, a program) is a document; what happened is an entry.
 */
export const STATE_KINDS = [
  'phase', // a phase of a program began, ended, failed
  'component', // a component was declared, or its rollout changed
  'validation-checkpoint', // what a checkpoint found
  'metric', // a threshold that was weighed, with its numbers
  'experiment-cohort', // a subject was given a cohort, in batches
  'statistical-result', // one analysis of an experiment
  'rollback-event', // a rollback began, took a step, ended
  'alert-event', // an alert was raised, acknowledged, escalated, resolved
  'phase-check', // what stands between two phases was weighed
  'behaviour-event', // conversions and other things that subjects did
] as const
export type StateKind = (typeof STATE_KINDS)[number]

export interface StateEntry {
  /** Wall-clock milliseconds. */
  at: number
  /** What it is about; `null`: the whole. */
  component: string | null
  [member: string]: unknown
}

/** How many entries of each kind are kept, and for how long at most. */
export const RETENTION: { readonly [kind in StateKind]: { entries: number; days: number } } = {
  phase: { entries: 10_000, days: 365 },
  component: { entries: 10_000, days: 365 },
  'validation-checkpoint': { entries: 10_000, days: 365 },
  metric: { entries: 50_000, days: 30 },
  'experiment-cohort': { entries: 50_000, days: 90 },
  'statistical-result': { entries: 10_000, days: 365 },
  'rollback-event': { entries: 10_000, days: 365 },
  'alert-event': { entries: 10_000, days: 365 },
  'phase-check': { entries: 10_000, days: 365 },
  'behaviour-event': { entries: 50_000, days: 90 },
}
