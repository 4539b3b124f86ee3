import type { Evidence } from '../../../lib/core/plan/evidence.js'
import { keyOfThreshold } from '../../../lib/core/plan/gate-components.js'
import type { Condition, ThresholdCondition } from '../../../lib/core/plan/plan.js'

export const P95: ThresholdCondition = {
  kind: 'threshold',
  metric: 'p95-ms',
  path: 'new',
  operator: '>',
  threshold: 500,
  windowMinutes: 5,
  minSample: 100,
}

/** Evidence taken at `at` that passes every condition for a step that began then. */
export function good(at: number, parts: Partial<Evidence> = {}): Evidence {
  return {
    takenAt: at,
    stores: { source: 'healthy', target: 'healthy' },
    flags: { slots: 10_000, strict: 10_000, full: 10_000 },
    backfill: { runId: 'b', startedAt: at, complete: true, deadLetters: 0 },
    validation: { runId: 'v', startedAt: at, complete: true, compared: 1000, mismatches: 0 },
    comparisons: { samples: 1000, mismatches: 0 },
    operations: { count: 1000, failed: 0 },
    deadLetters: 0,
    openAlerts: 0,
    zeroLoss: { runId: 'z', startedAt: at, outcome: 'passed', checked: 1000 },
    breaches: { weighed: 100, breaches: 0, undecided: 0 },
    checkpoints: [{ kind: 'data-consistency', outcome: 'pass', id: 'c', at }],
    thresholds: { [keyOfThreshold(P95)]: { outcome: 'pass', value: 100, sample: 1000 } },
    ...parts,
  }
}

/** Evidence of which nothing is known. */
export function nothing(at: number): Evidence {
  return {
    takenAt: at,
    stores: null,
    flags: null,
    backfill: null,
    validation: null,
    comparisons: null,
    operations: null,
    deadLetters: null,
    openAlerts: null,
    zeroLoss: null,
    breaches: null,
    checkpoints: null,
    thresholds: null,
  }
}

export const ALL_CONDITIONS: readonly Condition[] = [
  { kind: 'stores-healthy' },
  { kind: 'pass-complete' },
  { kind: 'validation-clean', minCompared: 10 },
  { kind: 'comparisons', minSamples: 100, maxMismatchShare: 0.01 },
  { kind: 'error-rate', minOperations: 100, maxShare: 0.01 },
  { kind: 'no-dead-letters' },
  { kind: 'no-alerts' },
  { kind: 'zero-loss' },
  { kind: 'no-breach', minWeighed: 10 },
  { kind: 'checkpoint', checkpoint: 'data-consistency' },
  P95,
]
