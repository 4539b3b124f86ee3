import type { Evidence, Finding } from './evidence.js'
import { areCounts, failing, lacking, passing } from './finding.js'
import type { ThresholdCondition } from './plan.js'

/** Conditions that can be asked of a component as well as of a collection. */
export function ofBreaches(found: Evidence['breaches'] | null, minWeighed: number): Finding {
  if (found === null || found === undefined) return lacking('not-measured')
  const { weighed, breaches, undecided } = found
  const numbers = { weighed, breaches, undecided, minWeighed }
  if (!areCounts(weighed, breaches, undecided) || breaches > weighed) return lacking('numbers-unreadable', numbers)
  if (breaches > 0) return failing('rule-in-breach', numbers)
  // What a rule could not decide is no evidence for it.
  const decided = weighed - undecided
  return decided >= Math.max(1, minWeighed)
    ? passing('no-rule-in-breach', numbers)
    : lacking('too-few-weighed', numbers)
}

/** The latest one decides, so that a checkpoint that failed can be mended and asked for again. */
export function ofCheckpoint(found: Evidence['checkpoints'] | null, kind: string, since: number): Finding {
  if (found === null || found === undefined) return lacking('not-measured')
  const own = found.filter((checkpoint) => checkpoint.kind === kind && checkpoint.at >= since)
  const latest = own.reduce<(typeof own)[number] | null>((best, one) => (best && best.at > one.at ? best : one), null)
  if (latest === null) return lacking('no-checkpoint-in-this-step', { checkpoint: kind })
  const numbers = { checkpoint: kind, id: latest.id }
  if (latest.outcome === 'pass') return passing('checkpoint-passed', numbers)
  return latest.outcome === 'breach' ? failing('checkpoint-failed', numbers) : lacking('checkpoint-undecided', numbers)
}

export function ofThreshold(found: Evidence['thresholds'] | null, condition: ThresholdCondition): Finding {
  const { metric, path, operator, threshold, minSample } = condition
  const weighed = found?.[keyOfThreshold(condition)]
  if (weighed === undefined) return lacking('not-measured', { metric, path })
  const { outcome, value, sample } = weighed
  const against = condition.relativeTo === undefined ? '' : ` of ${condition.relativeTo}`
  const numbers = {
    metric,
    path,
    breach: `${operator} ${threshold}${against}`,
    value: value ?? 'unknown',
    sample,
    minSample,
  }
  if (!areCounts(sample) || (value !== null && !Number.isFinite(value))) return lacking('numbers-unreadable', numbers)
  if (outcome === 'breach') return failing('beyond-threshold', numbers)
  if (outcome === 'not-enough-evidence' || value === null || sample < Math.max(1, minSample))
    return lacking('too-few-samples', numbers)
  return passing('within-threshold', numbers)
}

/** Names a threshold within its gate. */
export function keyOfThreshold(condition: ThresholdCondition): string {
  const { metric, path, relativeTo, operator, threshold, windowMinutes } = condition
  const against = relativeTo === undefined ? '' : ` of ${relativeTo}`
  return `${path} ${metric} ${operator} ${threshold}${against} ${windowMinutes}`
}
