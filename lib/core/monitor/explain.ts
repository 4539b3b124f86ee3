import type { Decision } from './decision.js'
import type { Finding } from './judge.js'
import { percent, rounded, shownValue } from './metric.js'
import type { Rule } from './rule.js'

/** Why a decision came to what it came to, in sentences that need nothing else to be understood. */
export function explain(decision: Decision): string {
  const { rule, component, windows, outcome, because } = decision
  const [latest] = windows
  const limit = limitOf(rule)
  const said = [`The rule ${rule.name} says of ${component}: ${limit}.`]
  if (latest === undefined) said.push(`It was not weighed: ${WORDS[because] ?? because}.`)
  else said.push(`${windowInWords(rule, latest)} Hence ${OUTCOMES[outcome]}: ${WORDS[because] ?? because}.`)
  if (windows.length > 1) said.push(countOf(windows))
  return [...said, ...consequence(decision)].join(' ')
}

/** The same in one sentence, for an alert. */
export function inShort(component: string, rule: Rule, windows: readonly Finding[]): string {
  const value = windows[0]?.numbers.value
  const shown = typeof value === 'number' ? shownValue(rule.metric, value) : 'unknown'
  const relative = windows[0]?.numbers.relative
  const worse = typeof relative === 'number' ? ` (${percent(relative)} beside the ${rule.relativeTo})` : ''
  return `${rule.metric} of ${component}${onPath(rule)} is ${shown}${worse}, which breaches ${rule.name}: ${limitOf(rule)}.`
}

const OUTCOMES: { readonly [outcome in Decision['outcome']]: string } = {
  pass: 'it passes',
  breach: 'it is a breach',
  'not-enough-evidence': 'there is not enough evidence either way',
}

const WORDS: { readonly [because: string]: string } = {
  'within-threshold': 'the whole interval lies within the threshold',
  'beyond-threshold': 'the whole interval lies beyond the threshold',
  'nothing-measured': 'nothing was measured, which is neither good nor bad',
  'nothing-to-compare-with': 'the other path was not measured',
  'too-few-samples': 'there are too few samples',
  'too-few-failures': 'there are fewer than three failures, which may be an accident',
  'too-close-to-call': 'the threshold lies within the interval',
  'not-at-this-stage': 'the collection does not stand at a stage that the rule is for',
  'stage-unknown': 'it could not be told where the collection stands',
  'not-for-long-enough': 'the latest window breaches, but not every one that the rule asks for',
  cleared: 'every window that the rule asks for has passed, and the breach is over',
}

function limitOf(rule: Rule): string {
  const { operator, threshold, relativeTo, windowMinutes, confidence } = rule
  const least = rule.leastDifference > 0 ? `, by ${rounded(rule.leastDifference)} at least` : ''
  const bound =
    relativeTo === null
      ? shownValue(rule.metric, threshold)
      : `${percent(threshold)} beside the ${relativeTo} (as a difference${least})`
  return `${rule.metric}${onPath(rule)} ${operator} ${bound} over ${rounded(windowMinutes)} min is a breach, at ${percent(confidence)} confidence`
}

function onPath({ path, operation }: Rule): string {
  const of = operation === null ? '' : ` of ${operation}`
  return path === null ? of : `${of} on the ${path}`
}

function windowInWords(rule: Rule, { from, to, numbers }: Finding): string {
  const span = `From ${timeOf(from)} to ${timeOf(to)}`
  const { value, low, high, sample, counted, relative } = numbers
  if (typeof value !== 'number') return `${span} nothing of it was measured.`
  const of = typeof counted === 'number' ? `${counted} of ${sample}` : `${sample} samples`
  const told = `${span} it was ${shownValue(rule.metric, value)} (${of}), ${interval(rule.metric, low, high)}`
  if (typeof numbers.other !== 'number') return `${told}.`
  const other = `the ${rule.relativeTo} had ${shownValue(rule.metric, numbers.other)} (${numbers.otherSample} samples)`
  const differs =
    typeof relative === 'number'
      ? `, a difference of ${percent(relative)}, ${bounds(numbers.relativeLow, numbers.relativeHigh, percent)}`
      : ''
  return `${told}; ${other}, measured ${numbers.measured}${differs}.`
}

function interval(metric: string, low: unknown, high: unknown): string {
  return low === high ? 'read off exactly' : bounds(low, high, (value) => shownValue(metric, value))
}

function bounds(low: unknown, high: unknown, shown: (value: number) => string): string {
  const least = typeof low === 'number' ? `at least ${shown(low)}` : 'with no lower bound'
  return `${least} and ${typeof high === 'number' ? `at most ${shown(high)}` : 'with no upper bound'}`
}

function countOf(windows: readonly Finding[]): string {
  const count = (outcome: Finding['outcome']): number => windows.filter((window) => window.outcome === outcome).length
  return `Of ${windows.length} windows looked at, ${count('breach')} breach and ${count('pass')} pass.`
}

function consequence({ action, rule, event, component }: Decision): string[] {
  if (action.kind === 'roll-back')
    return [`${component} is rolled back${rule.kind === 'flag' ? '' : ` to ${action.to}`}.`]
  if (action.kind === 'none')
    return event === 'breached' && rule.action === 'alert' ? ['The rule asks for an alert alone.'] : []
  if (action.because === 'auto-rollback-off')
    return ['It is not rolled back: MCP_ENABLE_AUTO_ROLLBACK is false. Somebody has to decide.']
  return ['It is not rolled back now: the rule has acted a short time ago, and cools down.']
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}
