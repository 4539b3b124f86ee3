import type { Spending } from './statistics/group-sequential.js'

/**
 * An experiment on a component, as operators define it. Nothing of it can be changed while it runs: what one may
 * conclude from numbers depends on what was asked before they were there.
 */
export interface ExperimentDefinition {
  name: string
  component: string
  description: string
  /** Who says which cohort a subject is in: a flag's rollout, or the path that served the subject's first event. */
  assignment: { by: 'flag'; flag: string } | { by: 'path' }
  /** The first is the control. Variants of the flag, or the two paths of the component. */
  cohorts: readonly Cohort[]
  metrics: readonly Metric[]
  /** Probability of a false alarm that is accepted: of false findings among goals, and of each promise on a guardrail. */
  alpha: number
  method: Method
  /** Of all cohorts together: where always-valid intervals are tightest, and where planned looks end. */
  plannedSubjects: number
  /** In each cohort, before means are judged and anything is promoted. */
  minSubjects: number
  /** Before anything is promoted: days differ. */
  minRunMs: number
}

export interface Cohort {
  name: string
  /** Of all subjects of the experiment; `null`: as the flag or the rollout says when it is started. */
  share: number | null
}

export interface Metric {
  name: string
  kind: MetricKind
  better: 'lower' | 'higher'
  /** A goal is to become better; a guardrail must not become worse by more than its margin. */
  role: 'goal' | 'guardrail'
  /** Of guardrails: how much worse is still accepted, as a share of the control's mean or in the metric's unit. */
  margin: { kind: 'relative' | 'absolute'; value: number } | null
}

export const METRIC_KINDS = [
  'value', // a number each time (a latency): of each subject, the mean of its values
  'count', // something that may happen often: how often to each subject, 0 included
  'conversion', // something that happens to a subject or does not: the share of subjects
  'paired', // a number on each path for one request that met both: their difference
  'compared', // of reads that the data plane compares: by how many milliseconds the target took longer; needs no events
] as const
export type MetricKind = (typeof METRIC_KINDS)[number]

export type Method =
  | { kind: 'always-valid' }
  | { kind: 'group-sequential'; spending: Spending; looks: number }
  | { kind: 'fixed'; falseDiscovery: 'benjamini-hochberg' | 'benjamini-yekutieli' }

export const COHORTS_MAX = 5
export const METRICS_MAX = 20
export const LOOKS_MAX = 10
export const SUBJECTS_MAX = 200_000
export const EXPERIMENT_NAME = /^[a-z][a-z0-9_-]{0,63}$/
export const METRIC_NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** Below this, nothing is near normal. */
export const MIN_SUBJECTS_FLOOR = 30

/** Everything that is wrong with a definition, as sentences. */
export function faultsOfExperiment(definition: ExperimentDefinition, paths: readonly string[]): string[] {
  const { name, cohorts, alpha, method, plannedSubjects, minSubjects, minRunMs, assignment } = definition
  const faults: string[] = []
  if (!EXPERIMENT_NAME.test(name)) faults.push('The name is of the form [a-z][a-z0-9_-]*, up to 64 characters.')
  if (!(alpha >= 0.0001 && alpha <= 0.2)) faults.push('alpha is 0.0001 to 0.2.')
  if (!isCount(minSubjects, MIN_SUBJECTS_FLOOR, SUBJECTS_MAX))
    faults.push(`minSubjects is ${MIN_SUBJECTS_FLOOR} to ${SUBJECTS_MAX}.`)
  if (!isCount(plannedSubjects, minSubjects * cohorts.length, SUBJECTS_MAX))
    faults.push(`plannedSubjects is minSubjects in each cohort at least, and ${SUBJECTS_MAX} at most.`)
  if (!isCount(minRunMs, 0, MIN_RUN_MS_MAX)) faults.push('minRunMs is 0 to 90 days.')
  if (method.kind === 'group-sequential' && !isCount(method.looks, 1, LOOKS_MAX))
    faults.push(`A group-sequential experiment has 1 to ${LOOKS_MAX} looks.`)
  faults.push(...cohortFaults(cohorts))
  if (assignment.by === 'path' && cohorts.some(({ name: cohort }, at) => cohort !== paths[at]))
    faults.push(`The cohorts of this component's paths are ${paths.join(', ')}, in this order.`)
  return [...faults, ...metricFaults(definition)]
}

const MIN_RUN_MS_MAX = 90 * 86_400_000

function cohortFaults(cohorts: readonly Cohort[]): string[] {
  const faults: string[] = []
  if (cohorts.length < 2 || cohorts.length > COHORTS_MAX) faults.push(`There are 2 to ${COHORTS_MAX} cohorts.`)
  if (new Set(cohorts.map(({ name }) => name)).size < cohorts.length) faults.push('Two cohorts have one name.')
  for (const { name } of cohorts) if (!isName(name)) faults.push(`${JSON.stringify(name)} names no cohort.`)
  const shares = cohorts.flatMap(({ share }) => (share === null ? [] : [share]))
  const sum = shares.reduce((total, share) => total + share, 0)
  if (shares.some((share) => !(share > 0 && share < 1))) faults.push('A share lies between 0 and 1.')
  if (shares.length > 0 && (shares.length < cohorts.length || Math.abs(sum - 1) > 1e-6))
    faults.push('Either no cohort states its share, or all do and they add up to 1.')
  return faults
}

function metricFaults({ metrics, cohorts: { length: cohorts }, assignment: { by } }: ExperimentDefinition): string[] {
  const faults: string[] = []
  if (metrics.length < 1 || metrics.length > METRICS_MAX) faults.push(`There are 1 to ${METRICS_MAX} metrics.`)
  if (new Set(metrics.map(({ name }) => name)).size < metrics.length) faults.push('Two metrics have one name.')
  for (const { name, kind, better, role, margin } of metrics) {
    if (!isName(name)) faults.push(`${JSON.stringify(name)} names no metric.`)
    if ((role === 'guardrail') !== (margin !== null))
      faults.push(`A guardrail has a margin, a goal has none (${name}).`)
    if (margin !== null && !(margin.value > 0 && margin.value <= MARGIN_MAX))
      faults.push(`The margin of ${name} is above 0.`)
    if (margin?.kind === 'relative' && better === 'higher' && margin.value >= 1)
      faults.push(`A relative margin of what is better higher is below 1 (${name}).`)
    if (kind === 'compared' && (by !== 'path' || margin?.kind === 'relative'))
      faults.push(`What is compared has two paths, and a margin in milliseconds (${name}).`)
    if (kind === 'paired' && cohorts !== 2) faults.push(`A paired metric compares two paths, not ${cohorts} (${name}).`)
  }
  return faults
}

/** It needs no subjects: everything that it asks is answered by the data plane's own comparisons. */
export function isCompared({ metrics }: Pick<ExperimentDefinition, 'metrics'>): boolean {
  return metrics.every(({ kind }) => kind === 'compared')
}

const MARGIN_MAX = 1e12

/** Names are members of objects: those that every object has are not for use. */
function isName(name: string): boolean {
  return METRIC_NAME.test(name) && !(name in {})
}

function isCount(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}
