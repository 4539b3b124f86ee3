import type { Because, Evidence, Finding, Verdict } from './evidence.js'
import { areCounts, failing, lacking, passing } from './finding.js'
import { ofBreaches, ofCheckpoint, ofThreshold } from './gate-components.js'
import type { Condition } from './plan.js'

/**
 * Weighs a step's conditions for one collection.
 *
 * What can go wrong: evidence is missing, late, from before the step, or makes no sense. Each of these is
 * `not-enough-evidence`. What cannot: a `pass` without a measurement that says so, or a `fail` without one.
 */
export function evaluateGate(
  conditions: readonly Condition[],
  evidence: Evidence | null,
  context: GateContext,
): Verdict[] {
  return conditions.map((condition) => ({
    collection: context.collection,
    condition,
    ...finding(condition, evidence, context),
  }))
}

export interface GateContext {
  collection: string
  /** Wall-clock milliseconds from which evidence counts. */
  since: number
  /** Runs that the step itself began: they count whatever another machine's clock says of their start. */
  ownRuns: readonly string[]
}

function finding(condition: Condition, evidence: Evidence | null, context: GateContext): Finding {
  if (evidence === null) return lacking('evidence-unavailable')
  if (!(evidence.takenAt >= context.since))
    return lacking('evidence-too-early', { takenAt: evidence.takenAt, since: context.since })
  switch (condition.kind) {
    case 'stores-healthy':
      return ofStores(evidence.stores)
    case 'pass-complete':
      return ofPass(evidence, context)
    case 'validation-clean':
      return ofValidation(evidence.validation, condition.minCompared, context)
    case 'comparisons': {
      const { comparisons } = evidence
      if (comparisons === null) return lacking('not-measured')
      return ofShare(comparisons.samples, comparisons.mismatches, condition.minSamples, condition.maxMismatchShare)
    }
    case 'error-rate': {
      const { operations } = evidence
      if (operations === null) return lacking('not-measured')
      return ofShare(operations.count, operations.failed, condition.minOperations, condition.maxShare)
    }
    case 'no-dead-letters':
      return ofCount(evidence.deadLetters, 'no-dead-letters', 'dead-letters-left')
    case 'no-alerts':
      return ofCount(evidence.openAlerts, 'no-open-alerts', 'alerts-open')
    case 'zero-loss':
      return ofZeroLoss(evidence.zeroLoss, context)
    case 'no-breach':
      return ofBreaches(evidence.breaches ?? null, condition.minWeighed)
    case 'checkpoint':
      return ofCheckpoint(evidence.checkpoints ?? null, condition.checkpoint, context.since)
    case 'threshold':
      return ofThreshold(evidence.thresholds ?? null, condition)
  }
}

/** Whether a component's flag still says what the step has set: whoever took it back had a reason. */
export function ofRollout(collection: string, percent: number, evidence: Evidence | null, since: number): Verdict {
  const condition = { kind: 'rollout-held' } as const
  const now = evidence?.rollout ?? null
  if (evidence === null || now === null || !(evidence.takenAt >= since))
    return { collection, condition, ...lacking(evidence === null ? 'evidence-unavailable' : 'not-measured') }
  const numbers = { percent: now, set: percent }
  if (now < percent) return { collection, condition, ...failing('rollout-taken-back', numbers) }
  return {
    collection,
    condition,
    ...(now > percent ? lacking('rollout-changed', numbers) : passing('rollout-held', numbers)),
  }
}

function ofStores(stores: Evidence['stores']): Finding {
  if (stores === null) return lacking('not-measured')
  const numbers = { source: stores.source, target: stores.target }
  const both = [stores.source, stores.target]
  if (both.includes('unhealthy')) return failing('store-unhealthy', numbers)
  if (both.every((health) => health === 'healthy')) return passing('both-stores-healthy', numbers)
  return lacking('store-health-unknown', numbers)
}

function ofPass({ flags, backfill }: Evidence, context: GateContext): Finding {
  if (flags === null) return lacking('not-measured')
  const { slots, strict, full } = flags
  const numbers = { slots, strict, full }
  if (!areCounts(slots, strict, full) || slots === 0 || strict > slots || full > strict)
    return lacking('numbers-unreadable', numbers)
  if (full < strict) return lacking('slots-not-full', numbers)
  if (strict === slots) return passing('all-slots-full', numbers)
  if (backfill === null || !belongs(backfill, context)) return lacking('no-run-in-this-step', numbers)
  const { runId, complete, deadLetters } = backfill
  const used = { ...numbers, runId, deadLetters }
  if (!areCounts(deadLetters)) return lacking('numbers-unreadable', used)
  if (!complete) return lacking('run-not-complete', used)
  return deadLetters > 0 ? failing('dead-letters-left', used) : passing('backfill-complete', used)
}

function ofValidation(run: Evidence['validation'], minCompared: number, context: GateContext): Finding {
  if (run === null || !belongs(run, context)) return lacking('no-run-in-this-step')
  const { runId, complete, compared, mismatches } = run
  const numbers = { runId, compared, mismatches, minCompared }
  if (!areCounts(compared, mismatches)) return lacking('numbers-unreadable', numbers)
  if (!complete) return lacking('run-not-complete', numbers)
  if (mismatches > 0) return failing('mismatches-found', numbers)
  return compared >= minCompared ? passing('no-mismatches', numbers) : lacking('too-few-compared', numbers)
}

/** Fails early only when the limit is exceeded even if everything still missing from the minimum were good. */
function ofShare(count: number, bad: number, minCount: number, maxShare: number): Finding {
  const numbers = { count, bad, minCount, maxShare }
  if (!areCounts(count, bad) || bad > count) return lacking('numbers-unreadable', numbers)
  const needed = Math.max(minCount, 1)
  if (bad > maxShare * Math.max(count, needed)) return failing('share-above-limit', numbers)
  return count >= needed ? passing('share-within-limit', numbers) : lacking('too-few-samples', numbers)
}

function ofCount(count: number | null, none: Because, some: Because): Finding {
  if (count === null) return lacking('not-measured')
  if (!areCounts(count)) return lacking('numbers-unreadable', { count })
  return count === 0 ? passing(none, { count }) : failing(some, { count })
}

function ofZeroLoss(check: Evidence['zeroLoss'], context: GateContext): Finding {
  if (check === null || !belongs(check, context)) return lacking('no-run-in-this-step')
  const { runId, outcome, checked } = check
  const numbers = { runId, checked }
  if (!areCounts(checked)) return lacking('numbers-unreadable', numbers)
  if (outcome === 'failed') return failing('loss-found', numbers)
  return outcome === 'passed' ? passing('nothing-lost', numbers) : lacking('check-inconclusive', numbers)
}

function belongs(run: { runId: string; startedAt: number }, { since, ownRuns }: GateContext): boolean {
  return run.startedAt >= since || ownRuns.includes(run.runId)
}
