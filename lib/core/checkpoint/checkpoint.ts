import type { Json } from '../json.js'

/**
 * One question asked of a component before a phase is left, with its answer: what was asked, by which rule it was
 * judged, what was found. It passes only on evidence: a question that could not be answered, for whatever reason, is
 * not enough evidence, and there is no way from silence to a pass.
 */
export interface Checkpoint {
  /** Id of the check that it belongs to, a dot, and its number there. */
  id: string
  kind: CheckpointKind
  /** By what it is judged, with nothing left to defaults. */
  rule: Rule
  /** `null`: not settled yet. */
  finding: CheckpointFinding | null
  /** Wall-clock milliseconds at which it was settled. */
  settledAt: number | null
}

export const CHECKPOINT_KINDS = [
  'data-consistency', // a random sample of the records, with the bound that follows for all of them
  'full-consistency', // every record
  'api-compatibility', // the same requests, answered from either path
  'performance', // the new path against the one that is left, on the same traffic
  'zero-loss', // every acknowledged record is at the target
] as const
export type CheckpointKind = (typeof CHECKPOINT_KINDS)[number]

export const CHECKPOINT_OUTCOMES = ['pass', 'breach', 'not-enough-evidence'] as const
export type CheckpointOutcome = (typeof CHECKPOINT_OUTCOMES)[number]

export interface CheckpointFinding {
  outcome: CheckpointOutcome
  because: Because
  /** What the outcome was decided from, and what follows from it. */
  numbers: { [name: string]: number | string | boolean | null }
  /** Examples of what was found, bounded, without values. */
  examples: Json[]
}

export type Because =
  | 'no-differences'
  | 'differences-found'
  | 'bound-too-wide'
  | 'nothing-to-compare'
  | 'too-few-compared'
  | 'listing-damaged'
  | 'not-comparable' // in this stage, or while stores do not answer: nothing could be judged
  | 'answers-alike'
  | 'answers-differ'
  | 'too-few-requests'
  | 'within-limit'
  | 'over-limit'
  | 'too-few-pairs'
  | 'interval-too-wide'
  | 'zero-loss-proved'
  | 'loss-found'
  | 'zero-loss-not-proved'
  | 'not-for-this-component'
  | 'run-failed'
  | 'run-cancelled'
  | 'out-of-time'

/** The rules, each with everything that its outcome depends on. */
export type Rule =
  | {
      kind: 'data-consistency'
      /** Records to be compared; where there are no more, all of them. */
      sampleSize: number
      /** Share of all records that may differ at most for a pass, 0 to 1; `null`: whatever the sample bounds. */
      boundShare: number | null
      /** Confidence of the bound, such as 0.95. */
      confidence: number
    }
  | { kind: 'full-consistency'; minCompared: number }
  | {
      kind: 'api-compatibility'
      /** Recorded requests that are asked at most, newest first. */
      recordedMax: number
      /** Whether requests that are made up (ids that are there, absent, odd; lists) are asked as well. */
      builtIn: boolean
      /** Fewest requests that were compared to the end. */
      minRequests: number
      /** How far back recorded requests and comparisons count, in minutes. */
      minutes: number
    }
  | {
      kind: 'performance'
      metric: PerformanceMetric
      /** How much worse the new path may be: 0.2 is 20 %. */
      limitShare: number
      confidence: number
      minPairs: number
      /** How far back measurements count, in minutes. */
      minutes: number
    }
  | { kind: 'zero-loss' }

export const PERFORMANCE_METRICS = { p50: 0.5, p90: 0.9, p95: 0.95, p99: 0.99 } as const
export type PerformanceMetric = keyof typeof PERFORMANCE_METRICS

/** Several checkpoints of one component, asked together; they pass only together. */
export interface Check {
  id: string
  component: string
  /** The phase that it guards, as its caller calls it; `null`: none. */
  phase: string | null
  /** The named list that was asked; `null`: it was put together for the occasion. */
  name: string | null
  by: string
  reason: string
  /** Wall-clock milliseconds. */
  askedAt: number
  /** The run that works on it; `null`: it needed none. */
  runId: string | null
  checkpoints: Checkpoint[]
  outcome: CheckpointOutcome | null
  settledAt: number | null
}

/** One breach is a breach of the whole; else anything that lacks evidence leaves the whole without. Nothing is no pass. */
export function outcomeOfAll(outcomes: readonly (CheckpointOutcome | null)[]): CheckpointOutcome {
  if (outcomes.includes('breach')) return 'breach'
  return outcomes.length > 0 && outcomes.every((outcome) => outcome === 'pass') ? 'pass' : 'not-enough-evidence'
}

/** A settled checkpoint as the stream of checkpoints keeps it. */
export interface CheckpointEntry {
  /** Wall-clock milliseconds at which it was settled. */
  at: number
  component: string
  id: string
  checkId: string
  phase: string | null
  name: string | null
  kind: CheckpointKind
  outcome: CheckpointOutcome
  because: Because
  numbers: CheckpointFinding['numbers']
  examples: Json[]
  rule: Rule
  runId: string | null
  by: string
  reason: string
}
