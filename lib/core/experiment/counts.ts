import type { ExperimentEvent } from './event.js'
import { type ExperimentDefinition, isCompared, type Metric } from './experiment.js'
import { addSums, NO_SUMS, type Sums, withValue } from './statistics/moments.js'

/**
 * What is kept of a round of an experiment: enough to analyse it without reading any event again. Counts are added
 * exactly, in any order and parts.
 */
export interface Counts {
  cohorts: { [cohort: string]: CohortCounts }
  /** Subjects by the part of the key space that they lie in. */
  cells: number[]
  /** Subjects that do not count, because a rule or a switch gave them their variant, or another than the cohorts'. */
  outside: number
  /** Events that came by another path than the one that the subject first met; they do not count. */
  crossed: number
}

export interface CohortCounts {
  subjects: number
  metrics: { [metric: string]: MetricCounts }
}

export interface MetricCounts {
  /** One value a subject; `n`: subjects that have one. */
  values: Sums
  /** Of pairs with a relative margin: treatment - (1 +- margin) control. */
  beyond: Sums
}

/** What a subject's document says of a metric: how many events, and the sums of their values. */
export interface SubjectMetric {
  n: number
  sum: number
  beyond: number
}

export const CELLS = 16

export function noCounts(): Counts {
  return { cohorts: {}, cells: new Array<number>(CELLS).fill(0), outside: 0, crossed: 0 }
}

export function addCounts(a: Counts, b: Counts): Counts {
  const sum: Counts = {
    cohorts: { ...a.cohorts },
    cells: a.cells.map((count, at) => count + (b.cells[at] ?? 0)),
    outside: a.outside + b.outside,
    crossed: a.crossed + b.crossed,
  }
  for (const [name, more] of Object.entries(b.cohorts)) {
    const held = sum.cohorts[name] ?? NOBODY
    const metrics = { ...held.metrics }
    for (const [metric, { values, beyond }] of Object.entries(more.metrics)) {
      const had = metrics[metric] ?? NO_METRIC
      metrics[metric] = { values: addSums(had.values, values), beyond: addSums(had.beyond, beyond) }
    }
    sum.cohorts[name] = { subjects: held.subjects + more.subjects, metrics }
  }
  return sum
}

/** Subjects of all cohorts; of an experiment that needs none, the pairs of the metric that has fewest. */
export function subjectsOf(definition: ExperimentDefinition, { cohorts }: Counts): number {
  const all = Object.values(cohorts)
  if (!isCompared(definition)) return all.reduce((sum, cohort) => sum + cohort.subjects, 0)
  const pairs = definition.metrics.map(({ name }) =>
    all.reduce((sum, { metrics }) => sum + (metrics[name] ?? NO_METRIC).values.n, 0),
  )
  return Math.min(...pairs)
}

export const NOBODY: CohortCounts = { subjects: 0, metrics: {} }
export const NO_METRIC: MetricCounts = { values: NO_SUMS, beyond: NO_SUMS }

/** One event more of a subject: what its document then says, and the cohort's counts with it. */
export function countEvent(
  counts: MetricCounts,
  before: SubjectMetric | undefined,
  event: ExperimentEvent,
  metric: Metric,
): { counts: MetricCounts; after: SubjectMetric } {
  const { value, beyond } = valuesOf(event, metric)
  const had = before ?? { n: 0, sum: 0, beyond: 0 }
  const after = { n: had.n + 1, sum: had.sum + value, beyond: had.beyond + beyond }
  const old = before === undefined ? null : subjectValue(had, metric)
  const now = subjectValue(after, metric)
  return {
    counts: {
      values: withValue(counts.values, now.value, old?.value ?? null),
      beyond: withValue(counts.beyond, now.beyond, old?.beyond ?? null),
    },
    after,
  }
}

function valuesOf(event: ExperimentEvent, { better, margin }: Metric): { value: number; beyond: number } {
  if (event.kind === 'value') return { value: event.value, beyond: 0 }
  if (event.kind !== 'pair') return { value: 1, beyond: 0 }
  const { control, treatment } = event
  const share = margin?.kind === 'relative' ? margin.value : 0
  return { value: treatment - control, beyond: treatment - (better === 'lower' ? 1 + share : 1 - share) * control }
}

/** One value for each subject, whatever it sent: subjects are independent of one another, their requests are not. */
function subjectValue({ n, sum, beyond }: SubjectMetric, { kind }: Metric): { value: number; beyond: number } {
  if (kind === 'count') return { value: n, beyond: 0 }
  if (kind === 'conversion') return { value: 1, beyond: 0 }
  return { value: sum / n, beyond: beyond / n }
}
