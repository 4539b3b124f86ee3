import type { Evidence } from '../../../lib/core/plan/evidence.js'
import type { Condition } from '../../../lib/core/plan/plan.js'

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
]
