import type { Part } from '../state.js'
import { UNKNOWN } from './format.js'
import type { Tone } from './panel.js'

type Experiment = Part<'experiments'>[number]
type Found = NonNullable<Experiment['found']>
export type Comparison = NonNullable<Found['analysis']>['comparisons'][number]

interface Word {
  tone: Tone
  word: string
}

export const EXPERIMENT_STATUSES: { readonly [status in Experiment['status']]: Word } = {
  draft: { tone: 'quiet', word: 'not begun' },
  running: { tone: 'busy', word: 'running' },
  stopped: { tone: 'quiet', word: 'stopped' },
}

export const RECOMMENDATIONS: { readonly [is in Found['recommendations'][number]['recommendation']]: Word } = {
  promote: { tone: 'good', word: 'promote' },
  hold: { tone: 'warn', word: 'hold' },
  'roll-back': { tone: 'bad', word: 'roll back' },
  'not-enough-evidence': { tone: 'quiet', word: 'not enough evidence' },
}

export const FINDINGS: { readonly [finding in Comparison['finding']]: Word } = {
  better: { tone: 'good', word: 'better' },
  worse: { tone: 'bad', word: 'worse' },
  inferior: { tone: 'bad', word: 'worse than its margin allows' },
  safe: { tone: 'good', word: 'within its margin' },
  'not-shown': { tone: 'quiet', word: 'not enough evidence' },
}

/** Why something is recommended. A literal that is not here is shown as it is. */
export const BECAUSE: { readonly [because: string]: string | undefined } = {
  'sample-ratio-mismatch': 'subjects are not where chance should have dealt them, so nothing can be concluded',
  'allocation-changed': 'the flag deals otherwise than when it began',
  'guardrail-inferior': 'a guardrail is worse than its margin allows',
  'goal-worse': 'a goal is worse',
  'goal-better': 'a goal is better, and every guardrail is safe',
  'guardrails-safe': 'every guardrail is safe',
  'too-few-subjects': 'there are too few subjects',
  'too-short': 'it has run too short a time',
  'between-looks': 'the next planned look is not due',
  'guardrail-not-shown': 'it is not shown that a guardrail is safe',
  'goal-not-shown': 'it is not shown that a goal differs',
  'looks-used-up': 'the last planned look has shown neither',
  'effect-too-small': 'many times the planned subjects have shown neither',
}

/** Of a metric: a share of subjects for conversions, milliseconds for compared reads, else its own unit. */
export function shownValue(kind: string, value: number | null, sign = false): string {
  if (value === null) return UNKNOWN
  const plus = sign && value > 0 ? '+' : ''
  if (kind === 'conversion')
    return `${plus}${number(value * 100)} %${sign ? ' points' : ''}`.replace('% points', 'points')
  return `${plus}${number(value)}${kind === 'compared' ? ' ms' : ''}`
}

/** Three digits that count. */
function number(value: number): string {
  const shown = Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 })
  return shown.replace(/^-/, '−')
}

/** How much worse is accepted, as a difference with its sign; `null`: a goal has no margin. */
export function marginOf(experiment: Pick<Experiment, 'metrics'>, comparison: Comparison): number | null {
  const margin = experiment.metrics.find(({ name }) => name === comparison.metric)?.margin ?? null
  if (margin === null) return null
  const { mean } = comparison.control
  const size = margin.kind === 'absolute' ? margin.value : mean === null ? null : margin.value * Math.abs(mean)
  return size === null ? null : comparison.better === 'lower' ? size : -size
}
