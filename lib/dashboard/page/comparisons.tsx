import type { Part } from '../state.js'
import { type Comparison, FINDINGS, marginOf, shownValue } from './experiment-words.js'
import { shownCount, shownPercent } from './format.js'
import { Interval, intervalInWords } from './interval.js'
import { Pill } from './panel.js'

type Experiment = Part<'experiments'>[number]

/** Each metric of each treatment: both arms, how they differ, and how sure that is. */
export function Comparisons({ of, comparisons }: { of: Experiment; comparisons: readonly Comparison[] }) {
  const [control, ...treatments] = of.cohorts
  return (
    <ul class="comparisons">
      {comparisons.map((one) => (
        <OneComparison
          key={`${one.metric} ${one.treatment}`}
          of={of}
          comparison={one}
          control={control?.name ?? 'control'}
          isNamed={treatments.length > 1}
        />
      ))}
    </ul>
  )
}

function OneComparison({ of, comparison, control, isNamed }: OneComparisonProps) {
  const { metric, kind, role, better, treatment, control: arm, treated, finding } = comparison
  const { tone, word } = FINDINGS[finding]
  const margin = marginOf(of, comparison)
  return (
    <li>
      <div class="metric">
        <h4>
          {metric}
          {isNamed ? ` of ${treatment}` : ''}
        </h4>
        <Pill tone={tone}>{word}</Pill>
        <small>
          {role === 'goal' ? 'goal' : 'guardrail'}, {better} is better
        </small>
      </div>
      <dl class="arms">
        <Arm name={control} arm={arm} kind={kind} />
        <Arm name={treatment} arm={treated} kind={kind} />
        <div>
          <dt>difference</dt>
          <dd>
            {shownValue(kind, comparison.difference, true)}
            {comparison.relative === null ? null : <small> {relativeInWords(comparison.relative)}</small>}
          </dd>
        </div>
      </dl>
      <Interval comparison={comparison} margin={margin} />
      <p class="quiet">{intervalInWords(comparison, margin)}</p>
    </li>
  )
}

interface OneComparisonProps {
  of: Experiment
  comparison: Comparison
  control: string
  /** There are several treatments: this one is named. */
  isNamed: boolean
}

function Arm({ name, arm, kind }: { name: string; arm: Comparison['control']; kind: string }) {
  const { mean, measured, subjects } = arm
  // Of things that happen, those to whom they did not happen count as well.
  const isOfAll = kind === 'conversion' || kind === 'count'
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {shownValue(kind, mean)} <small>of {shownCount(isOfAll ? subjects : measured)}</small>
      </dd>
    </div>
  )
}

function relativeInWords(relative: number): string {
  if (relative === 0) return '(none)'
  return `(${shownPercent(Math.abs(relative) * 100)} ${relative > 0 ? 'more' : 'less'})`
}
