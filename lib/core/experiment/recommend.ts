import type { AnalysisInputs, Comparison } from './analyse.js'
import { NOBODY } from './counts.js'
import { isCompared } from './experiment.js'
import type { RatioCheck } from './ratio.js'

/** What the numbers say should be done with a treatment, why, and what is missing. It decides nothing by itself. */
export interface Recommendation {
  treatment: string
  recommendation: 'promote' | 'hold' | 'roll-back' | 'not-enough-evidence'
  because: Because
  /** The metrics that it rests on. */
  metrics: string[]
  /** What it was weighed by. */
  numbers: { [name: string]: number }
  /** In words; empty once it is decided. */
  missing: string[]
}

export type Because =
  | 'sample-ratio-mismatch' // nothing can be concluded
  | 'allocation-changed' // the flag deals otherwise than when it began
  | 'guardrail-inferior'
  | 'goal-worse'
  | 'goal-better' // and every guardrail is safe
  | 'guardrails-safe' // and there is no goal
  | 'too-few-subjects'
  | 'too-short'
  | 'between-looks'
  | 'guardrail-not-shown'
  | 'goal-not-shown'
  | 'looks-used-up' // the last planned look has shown neither
  | 'effect-too-small' // many times the planned subjects have shown neither

interface Found {
  subjects: number
  sampleRatio: readonly RatioCheck[]
  comparisons: readonly Comparison[]
}

/** One for every treatment. In this order: what forbids any conclusion, harm, what is missing, benefit. */
export function recommend(inputs: AnalysisInputs, found: Found): Recommendation[] {
  return inputs.definition.cohorts.slice(1).map(({ name }) => ofTreatment(name, inputs, found))
}

function ofTreatment(treatment: string, inputs: AnalysisInputs, found: Found): Recommendation {
  const { definition, counts, at, startedAt } = inputs
  const own = found.comparisons.filter((comparison) => comparison.treatment === treatment)
  const control = definition.cohorts[0]?.name ?? ''
  const smaller = Math.min(...[control, treatment].map((name) => (counts.cohorts[name] ?? NOBODY).subjects))
  const least = isCompared(definition) ? found.subjects : smaller
  const ranMs = Math.max(0, at - startedAt)
  const { minSubjects, minRunMs, plannedSubjects, alpha } = definition
  const numbers = {
    subjects: found.subjects,
    subjectsInSmaller: least,
    minSubjects,
    plannedSubjects,
    ranMs,
    minRunMs,
    alpha,
  }
  const say = (
    recommendation: Recommendation['recommendation'],
    because: Because,
    metrics: readonly Comparison[] = [],
    missing: string[] = [],
  ): Recommendation => ({
    treatment,
    recommendation,
    because,
    metrics: metrics.map(({ metric }) => metric),
    numbers,
    missing,
  })
  const by = (finding: Comparison['finding']) => own.filter((comparison) => comparison.finding === finding)

  if (found.sampleRatio.some(({ mismatch }) => mismatch)) return say('hold', 'sample-ratio-mismatch', [], [MEND_RATIO])
  if (inputs.allocationChanged) return say('hold', 'allocation-changed', [], [MEND_ALLOCATION])
  if (by('inferior').length > 0) return say('roll-back', 'guardrail-inferior', by('inferior'))
  if (by('worse').length > 0) return say('roll-back', 'goal-worse', by('worse'))

  const unsafe = own.filter(({ role, finding }) => role === 'guardrail' && finding !== 'safe')
  const goals = own.filter(({ role }) => role === 'goal')
  const better = by('better')
  const unmet = goals.length > 0 && better.length === 0
  const missing = missingOf({ ...numbers, least }, inputs, unsafe, unmet ? goals : [])
  if (least < minSubjects) return say('not-enough-evidence', 'too-few-subjects', [], missing)
  if (ranMs < minRunMs) return say('not-enough-evidence', 'too-short', [], missing)
  if (definition.method.kind !== 'always-valid' && inputs.looks === null)
    return say('not-enough-evidence', 'between-looks', [], missing)
  if (unsafe.length === 0 && !unmet)
    return goals.length > 0 ? say('promote', 'goal-better', better) : say('promote', 'guardrails-safe', own)
  const ended = exhausted(inputs, found.subjects)
  if (ended !== null) return say('hold', ended, [...unsafe, ...(unmet ? goals : [])], missing)
  if (unsafe.length > 0) return say('not-enough-evidence', 'guardrail-not-shown', unsafe, missing)
  return say('not-enough-evidence', 'goal-not-shown', goals, missing)
}

/** After this many times the planned subjects, an effect of the size that was planned for would have shown. */
const PATIENCE = 4

function exhausted({ definition, looks }: AnalysisInputs, subjects: number): Because | null {
  if (definition.method.kind === 'always-valid')
    return subjects >= PATIENCE * definition.plannedSubjects ? 'effect-too-small' : null
  return (looks?.at(-1) ?? 0) >= 1 ? 'looks-used-up' : null
}

const MEND_RATIO = 'Subjects are missing or dealt otherwise than by their shares: find out why, and begin a new round.'
const MEND_ALLOCATION = 'The shares have changed since it began: set them back, or stop it and begin a new round.'

function missingOf(
  numbers: { least: number; minSubjects: number; ranMs: number; minRunMs: number },
  { definition, looks }: AnalysisInputs,
  unsafe: readonly Comparison[],
  goals: readonly Comparison[],
): string[] {
  const { least, minSubjects, ranMs, minRunMs } = numbers
  const missing: string[] = []
  if (least < minSubjects) missing.push(`${minSubjects - least} subjects more in the smaller cohort.`)
  if (ranMs < minRunMs) missing.push(`${Math.ceil((minRunMs - ranMs) / 60_000)} minutes more.`)
  if (definition.method.kind !== 'always-valid' && looks === null) missing.push('The next planned look.')
  for (const { metric } of unsafe) missing.push(`That ${metric} is worse by less than its margin is not shown yet.`)
  for (const { metric } of goals) missing.push(`That ${metric} differs is not shown yet.`)
  return missing
}
