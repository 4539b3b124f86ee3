import { type Found, weighedValue } from './closeness.js'
import { FAILURES_MIN } from './judge.js'
import { percent, rounded, shownValue } from './metric.js'
import { isBeyond, isUpperLimit, type Rule } from './rule.js'

/** Where a rule stands, short enough for a line of a table: "p95 118 ms of 500 ms". `null`: it was never weighed. */
export function inBrief(rule: Rule, found: Found | null): string {
  if (!rule.armed) return 'not armed'
  if (found === null) return 'never weighed'
  const { because, numbers } = found
  switch (because) {
    case 'nothing-measured':
      return 'nothing measured'
    case 'nothing-to-compare-with':
      return `nothing measured on the ${rule.relativeTo ?? 'other path'}`
    case 'not-at-this-stage':
      return 'not weighed at this stage'
    case 'stage-unknown':
      return 'not weighed: the stage cannot be told now'
    case 'too-few-samples':
      return `not enough evidence: ${samples(rule, Number(numbers.sample ?? 0))}`
    case 'too-few-failures':
      return `not enough evidence: ${failures(rule, found)} of ${FAILURES_MIN} failures`
    case 'too-close-to-call':
      return `${measured(rule, found)}, ${otherwise(rule, found)}`
    case 'not-for-long-enough':
      return `${measured(rule, found)}, not for long enough yet`
    case 'within-threshold':
    case 'beyond-threshold':
    case 'cleared':
      return measured(rule, found)
  }
}

function measured(rule: Rule, { numbers }: Found): string {
  const { metric, threshold, operator, relativeTo } = rule
  const { value, other } = numbers
  if (typeof value !== 'number') return 'nothing measured'
  const what = `${nameOf(metric)} ${shownValue(metric, value)}`
  if (relativeTo === null)
    return isUpperLimit(operator)
      ? `${what} of ${shownValue(metric, threshold)}`
      : `${what}, at least ${shownValue(metric, threshold)} wanted`
  if (typeof other !== 'number') return what
  const beside = `${what} beside ${shownValue(metric, other)} on the ${relativeTo}`
  const differs = weighedValue(rule, numbers)
  if (differs === null) return beside
  const least = rule.leastDifference > 0 ? ` and ${shownValue(metric, rule.leastDifference)}` : ''
  return `${beside}: ${signed(differs)} of ${signed(threshold)}${least}`
}

/** The threshold lies between what was measured and what may be true: how far that reaches on its other side. */
function otherwise(rule: Rule, { numbers }: Found): string {
  const value = weighedValue(rule, numbers)
  const [low, high] =
    rule.relativeTo === null ? [numbers.low, numbers.high] : [numbers.relativeLow, numbers.relativeHigh]
  const upper = isUpperLimit(rule.operator) !== (value !== null && isBeyond(value, rule.operator, rule.threshold))
  const bound = upper ? high : low
  if (typeof bound !== 'number') return 'too close to call'
  return `but may be ${rule.relativeTo === null ? shownValue(rule.metric, bound) : signed(bound)}`
}

function signed(share: number): string {
  return share > 0 ? `+${percent(share)}` : percent(share)
}

/** A quantile may have no upper bound although the rule's own minimum is met. */
function samples({ metric, minimumSample }: Rule, sample: number): string {
  const counted = COUNTED[metric] ?? 'operations'
  const so = sample.toLocaleString('en-US')
  return sample < minimumSample
    ? `${so} of ${minimumSample.toLocaleString('en-US')} ${counted}`
    : `${so} ${counted} do not bound it`
}

function failures({ operator }: Rule, { numbers: { counted, sample } }: Found): string {
  if (typeof counted !== 'number' || typeof sample !== 'number') return 'fewer'
  return rounded(isUpperLimit(operator) ? counted : sample - counted)
}

const COUNTED: { readonly [metric: string]: string } = {
  'mismatch-rate': 'comparisons',
  'dropped-connection-rate': 'connections',
  'memory-share': 'observations',
}

function nameOf(metric: string): string {
  return NAMES[metric] ?? metric.replace(/^\w+:/, '')
}

const NAMES: { readonly [metric: string]: string } = {
  'error-rate': 'error rate',
  'success-rate': 'success rate',
  'p50-ms': 'median',
  'p95-ms': 'p95',
  'p99-ms': 'p99',
  'mean-ms': 'mean',
  throughput: 'throughput',
  'memory-share': 'memory',
  'dropped-connection-rate': 'dropped connections',
  'mismatch-rate': 'mismatches',
}
