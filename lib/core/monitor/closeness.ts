import type { Because, Finding } from './judge.js'
import { metricOf } from './metric.js'
import { isBeyond, isUpperLimit, type Rule } from './rule.js'

/** What was weighed of a rule last, as its standing keeps it. */
export interface Found {
  because: Because
  numbers: Finding['numbers']
}

/**
 * How near the value of a rule is to its threshold: 0 is far (as good as can be, or better), 1 is at it, above 1 is
 * beyond. It is a straight line through both:
 *
 *     closeness = max(0, 1 + beyond / room)
 *
 * `beyond` is how far the value is on the bad side of the threshold (negative: on the good side); `room` is how far the
 * threshold is from as good as can be. That is 0 for an upper limit and for a relative one (no worse than the other
 * path), and 1 for a lower limit of a share: an error rate of 0.4 % of 1 % is 0.4, a success rate of 85 % where 70 % is
 * wanted is 0.5. What has no best is far at twice the threshold (throughput: 20 a second where 10 are wanted).
 *
 * Where there is no room (a threshold of 0: nothing at all is allowed) whatever is allowed is 0, and what is beyond it is
 * 1 and as much as it is beyond.
 *
 * A relative rule that wants a least difference too is a breach only with both, so the lesser of the two counts.
 *
 * `null`: there is no evidence. A value told from too few samples is none.
 */
export function closenessOf(rule: Rule, { because, numbers }: Found): number | null {
  const value = weighedValue(rule, numbers)
  if (value === null || WITHOUT_EVIDENCE.has(because)) return null
  const near = closeness(value, rule.operator, rule.threshold, roomOf(rule))
  const difference = differenceOf(rule, numbers)
  if (difference === null) return near
  const { leastDifference } = rule
  return Math.min(near, closeness(difference, '>', leastDifference, leastDifference))
}

/** The number that is held against the threshold, in the threshold's unit; `null`: there is none. */
export function weighedValue({ relativeTo }: Rule, { value, relative }: Finding['numbers']): number | null {
  const weighed = relativeTo === null ? value : relative
  return typeof weighed === 'number' ? weighed : null
}

/** What thresholds and values are counted in. `ratio`: the share by which one path differs from the other. */
export type Unit = 'share' | 'ms' | 'count' | 'ratio'

export function unitOf({ metric: name, relativeTo }: Pick<Rule, 'metric' | 'relativeTo'>): Unit {
  if (relativeTo !== null) return 'ratio'
  const metric = metricOf(name)
  if (metric?.kind === 'outcomes' || metric?.kind === 'share' || name === 'memory-share') return 'share'
  return metric?.kind === 'quantile' || metric?.kind === 'mean-ms' ? 'ms' : 'count'
}

const WITHOUT_EVIDENCE: ReadonlySet<Because> = new Set([
  'nothing-measured',
  'nothing-to-compare-with',
  'too-few-samples',
  'too-few-failures',
  'not-at-this-stage',
  'stage-unknown',
])

function closeness(value: number, operator: Rule['operator'], threshold: number, room: number): number {
  const beyond = isUpperLimit(operator) ? value - threshold : threshold - value
  if (room > 0) return Math.max(0, 1 + beyond / room)
  return isBeyond(value, operator, threshold) ? 1 + Math.abs(beyond) : 0
}

function roomOf(rule: Rule): number {
  const { operator, threshold } = rule
  if (unitOf(rule) !== 'share' || isUpperLimit(operator)) return Math.abs(threshold)
  return Math.max(0, 1 - threshold)
}

/** By how much the path is worse than the other, in the metric's own unit; `null`: the rule does not ask. */
function differenceOf({ relativeTo, leastDifference, operator }: Rule, { value, other }: Finding['numbers']) {
  if (relativeTo === null || leastDifference === 0) return null
  if (typeof value !== 'number' || typeof other !== 'number') return null
  return isUpperLimit(operator) ? value - other : other - value
}
