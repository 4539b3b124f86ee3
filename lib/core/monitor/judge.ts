import { relative } from './bounds.js'
import { type Bucket, type Estimate, estimate, type Window } from './estimate.js'
import { metricOf } from './metric.js'
import { isBeyond, isUpperLimit, type Rule } from './rule.js'

/** What one window says of a rule. */
export interface Finding {
  /** Wall-clock milliseconds. */
  from: number
  to: number
  outcome: Outcome
  because: Because
  /** What it was told from. An unbounded number is `null`. */
  numbers: { readonly [name: string]: number | string | null }
}

export type Outcome = 'pass' | 'breach' | 'not-enough-evidence'

export type Because =
  | 'within-threshold' // the whole interval is
  | 'beyond-threshold' // the whole interval is
  | 'nothing-measured'
  | 'nothing-to-compare-with' // the other path was not measured
  | 'too-few-samples'
  | 'too-few-failures' // fewer than count as more than an accident
  | 'too-close-to-call' // the threshold lies within the interval
  | 'not-at-this-stage'
  | 'stage-unknown'
  | 'not-for-long-enough' // an earlier window did not breach
  | 'cleared' // every window that was asked for passed, against the threshold for that

/** One or two failures are an accident, whatever they are a share of. */
export const FAILURES_MIN = 3

/**
 * Weighs a rule in one window. `pass` and `breach` need the whole interval on one side of the threshold; nothing
 * measured is neither. What it cannot do: pass for want of data, or breach for want of data.
 */
export function judge(rule: Rule, buckets: readonly Bucket[], window: Window, threshold = rule.threshold): Finding {
  const told = rule.relativeTo === null ? absolute(rule, buckets, window) : against(rule, buckets, window)
  const { outcome, because } =
    'because' in told ? { outcome: LACKING, because: told.because } : verdict(rule, told, threshold)
  return { ...window, outcome, because, numbers: { threshold, ...told.numbers } }
}

const LACKING = 'not-enough-evidence' as const

interface Told {
  value: number
  low: number
  high: number
  sample: number
  /** What speaks against it, where that is counted. */
  failures: number | null
  /** By how much, at the least and at the most, in the metric's own unit. */
  difference: { low: number; high: number } | null
  numbers: Finding['numbers']
}

interface Lacking {
  because: Because
  numbers: Finding['numbers']
}

function absolute(rule: Rule, buckets: readonly Bucket[], window: Window): Told | Lacking {
  const found = estimateOf(rule, buckets, window, rule.path, rule.operation, rule.confidence)
  if (found === null) return { because: 'nothing-measured', numbers: {} }
  const { counted, ...told } = found
  return { ...told, failures: failuresOf(rule, found), difference: null, numbers: numbersOf(found) }
}

/** Requests that met both paths tell most, where there are enough of them. */
function against(rule: Rule, buckets: readonly Bucket[], window: Window): Told | Lacking {
  const confidence = (1 + rule.confidence) / 2
  const pair = (operation: string | null): (Estimate | null)[] =>
    [rule.path, rule.relativeTo].map((path) => estimateOf(rule, buckets, window, path, operation, confidence))
  const [pairedOne, pairedOther] = pair('compare')
  const enough = [pairedOne, pairedOther].every((one) => isEnough(one ?? null, rule.minimumSample))
  const [one, other] = enough ? [pairedOne, pairedOther] : pair(rule.operation)
  if (!one) return { because: 'nothing-measured', numbers: {} }
  if (!other) return { because: 'nothing-to-compare-with', numbers: numbersOf(one) }
  const numbers = {
    measured: enough ? 'on the same requests' : 'on the same time',
    ...numbersOf(one),
    other: other.value,
    otherLow: shown(other.low),
    otherHigh: shown(other.high),
    otherSample: other.sample,
  }
  const ratio = relative(one, other)
  const upper = isUpperLimit(rule.operator)
  const difference = upper
    ? { low: one.low - other.high, high: one.high - other.low }
    : { low: other.low - one.high, high: other.high - one.low }
  const shownRatio = { relative: shown(ratio.value), relativeLow: shown(ratio.low), relativeHigh: shown(ratio.high) }
  const sample = Math.min(one.sample, other.sample)
  return { ...ratio, sample, failures: failuresOf(rule, one), difference, numbers: { ...numbers, ...shownRatio } }
}

/** Of fewer a quantile has no upper bound, and nothing could be said of how they stand to each other. */
function isEnough(found: Estimate | null, minimumSample: number): boolean {
  return found !== null && found.sample >= minimumSample && Number.isFinite(found.high)
}

function verdict(rule: Rule, told: Told, threshold: number): { outcome: Outcome; because: Because } {
  const { operator, minimumSample, leastDifference } = rule
  const { low, high, sample, failures, difference } = told
  const [mild, grave] = isUpperLimit(operator) ? [low, high] : [high, low]
  const large = difference === null || leastDifference === 0 || difference.low > leastDifference
  const small = difference !== null && leastDifference > 0 && difference.high <= leastDifference
  if (isBeyond(mild, operator, threshold) && large) {
    if (failures !== null && failures < FAILURES_MIN) return { outcome: LACKING, because: 'too-few-failures' }
    if (failures === null && sample < minimumSample) return { outcome: LACKING, because: 'too-few-samples' }
    return { outcome: 'breach', because: 'beyond-threshold' }
  }
  if (sample < minimumSample || grave === Number.POSITIVE_INFINITY)
    return { outcome: LACKING, because: 'too-few-samples' }
  if (small || !isBeyond(grave, operator, threshold)) return { outcome: 'pass', because: 'within-threshold' }
  return { outcome: LACKING, because: 'too-close-to-call' }
}

function estimateOf(
  rule: Rule,
  buckets: readonly Bucket[],
  window: Window,
  path: Rule['path'],
  operation: string | null,
  confidence: number,
): Estimate | null {
  const metric = metricOf(rule.metric)
  return metric === null ? null : estimate(metric, { path, operation }, buckets, window, confidence)
}

/** Of what is counted one by one: how many speak against it. */
function failuresOf({ operator }: Rule, { counted }: Estimate): number | null {
  if (counted === null) return null
  return isUpperLimit(operator) ? counted.yes : counted.no
}

function numbersOf({ value, low, high, sample, counted }: Estimate): Finding['numbers'] {
  const counts = counted === null ? {} : { counted: counted.yes }
  return { value, low: shown(low), high: shown(high), sample, ...counts }
}

/** JSON has no infinity. */
function shown(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
