import type { Allocation } from './allocation.js'
import { type Counts, NOBODY, subjectsOf } from './counts.js'
import type { ExperimentDefinition, Metric } from './experiment.js'
import type { Pair } from './hypothesis.js'
import { type Interval, intervalOf } from './interval.js'
import { judge, type Look, type Test } from './judge.js'
import { type RatioCheck, ratioChecks } from './ratio.js'
import { type Recommendation, recommend } from './recommend.js'
import { rhoFor } from './statistics/confidence-sequence.js'
import { type Arm, armOf } from './summary.js'

/** Everything an analysis is made from, and all that must be kept for it to be made again. */
export interface AnalysisInputs {
  definition: ExperimentDefinition
  /** As it was when the round began. */
  allocation: Allocation
  /** The flag or the rollout deals otherwise by now. */
  allocationChanged: boolean
  counts: Counts
  startedAt: number
  at: number
  /** Shares of the planned subjects at the planned looks so far, this one included if it is one; `null`: it is none. */
  looks: number[] | null
}

export interface Analysis {
  at: number
  subjects: number
  sampleRatio: RatioCheck[]
  comparisons: Comparison[]
  recommendations: Recommendation[]
}

export interface Comparison {
  metric: string
  kind: Metric['kind']
  role: Metric['role']
  better: Metric['better']
  treatment: string
  control: Arm
  treated: Arm
  /** treated - control, or the mean of the pairs' differences. */
  difference: number | null
  /** As a share of the control's mean. */
  relative: number | null
  interval: Interval | null
  /** Of goals; the sign of the difference says which way. */
  different: Test | null
  /** Of guardrails: worse than the margin allows, and surely not so. */
  inferior: Test | null
  safe: Test | null
  finding: 'better' | 'worse' | 'inferior' | 'safe' | 'not-shown'
}

/** Pure: the same inputs give the same answer, so that what was stored can be checked. */
export function analyse(inputs: AnalysisInputs): Analysis {
  const { definition, counts } = inputs
  const pairs = pairsOf(inputs)
  const look: Look = { alpha: definition.alpha, method: definition.method, shares: inputs.looks, found: new Map() }
  const ofRole = (role: Metric['role']) => pairs.filter(({ pair }) => pair.metric.role === role)
  const goals = ofRole('goal')
  const guardrails = ofRole('guardrail')
  const ask = (hypothesis: 'different' | 'inferior' | 'safe', named: NamedPair[], of: 'any' | 'all') =>
    judge(
      hypothesis,
      named.map(({ pair }) => pair),
      of,
      look,
    )
  const [different, inferior, safe] = [
    ask('different', goals, 'any'),
    ask('inferior', guardrails, 'any'),
    ask('safe', guardrails, 'all'),
  ]
  const comparisons = pairs.map((named): Comparison => {
    const [goal, guardrail] = [goals.indexOf(named), guardrails.indexOf(named)]
    const tests = {
      different: different[goal] ?? null,
      inferior: inferior[guardrail] ?? null,
      safe: safe[guardrail] ?? null,
    }
    return comparisonOf(named, look, tests)
  })
  const sampleRatio = ratioChecks(counts, inputs.allocation, definition.cohorts)
  const subjects = subjectsOf(definition, counts)
  const recommendations = recommend(inputs, { subjects, sampleRatio, comparisons })
  return { at: inputs.at, subjects, sampleRatio, comparisons, recommendations }
}

interface NamedPair {
  treatment: string
  pair: Pair
}

function pairsOf({ definition, allocation, counts }: AnalysisInputs): NamedPair[] {
  const { cohorts, metrics, alpha, plannedSubjects, minSubjects } = definition
  const of = (name: string | undefined) => counts.cohorts[name ?? ''] ?? NOBODY
  const share = (at: number) => allocation.cohorts[at] ?? 0
  return cohorts.slice(1).flatMap(({ name }, before) => {
    const shares = [share(0), share(before + 1)] as const
    const rho = rhoFor(Math.max(1, plannedSubjects * (shares[0] + shares[1])), alpha)
    return metrics.map((metric): NamedPair => {
      const pair = { metric, control: of(cohorts[0]?.name), treatment: of(name), shares, rho, minSubjects }
      return { treatment: name, pair }
    })
  })
}

type Tests = Pick<Comparison, 'different' | 'inferior' | 'safe'>

function comparisonOf({ treatment, pair }: NamedPair, look: Look, tests: Tests): Comparison {
  const { name, kind, role, better } = pair.metric
  const control = armOf(pair.control, pair.metric)
  const treated = armOf(pair.treatment, pair.metric)
  const interval = intervalOf(pair, look)
  const isPaired = kind === 'paired' || kind === 'compared'
  const difference = isPaired ? pairedMean(control, treated) : differenceOf(control, treated)
  const relative = isPaired ? null : shareOf(difference, control.mean)
  const finding = findingOf(tests, difference ?? 0, better)
  return {
    metric: name,
    kind,
    role,
    better,
    treatment,
    control,
    treated,
    difference,
    relative,
    interval,
    ...tests,
    finding,
  }
}

function findingOf(
  { different, inferior, safe }: Tests,
  difference: number,
  better: Metric['better'],
): Comparison['finding'] {
  if (different?.shown === true) return difference < 0 === (better === 'lower') ? 'better' : 'worse'
  if (inferior?.shown === true) return 'inferior'
  return safe?.shown === true ? 'safe' : 'not-shown'
}

function differenceOf(control: Arm, treated: Arm): number | null {
  return control.mean === null || treated.mean === null ? null : treated.mean - control.mean
}

/** Pairs lie in the cohort of their subject; which one it is does not matter. */
function pairedMean(a: Arm, b: Arm): number | null {
  const n = a.measured + b.measured
  return n === 0 ? null : ((a.mean ?? 0) * a.measured + (b.mean ?? 0) * b.measured) / n
}

/** Of nothing there is no share, and of next to nothing none that a double carries. */
function shareOf(difference: number | null, mean: number | null): number | null {
  const share = (difference ?? Number.NaN) / Math.abs(mean ?? Number.NaN)
  return Number.isFinite(share) ? share : null
}
