import { type CohortCounts, NO_METRIC } from './counts.js'
import type { Metric } from './experiment.js'
import { addSums, type Moments, momentsOf } from './statistics/moments.js'
import { type Contrast, contrastOf, pairedContrast } from './statistics/welch.js'

/** One cohort as a metric sees it. */
export interface Arm {
  subjects: number
  /** Subjects that have sent something of the metric. */
  measured: number
  /** `null`: there is none of nothing. */
  mean: number | null
  deviation: number | null
}

export function armOf(counts: CohortCounts, metric: Metric): Arm {
  const { values } = counts.metrics[metric.name] ?? NO_METRIC
  const { n, mean, variance } = momentsOf(values, isOfAll(metric) ? counts.subjects : values.n)
  return {
    subjects: counts.subjects,
    measured: values.n,
    mean: n > 0 ? mean : null,
    deviation: n > 1 ? Math.sqrt(variance) : null,
  }
}

/**
 * treatment - factor * control, in terms of the metric; for pairs the mean of such differences. Shares of subjects get
 * one subject with and one without added to each cohort, so that a cohort without any still has a spread (Agresti and
 * Caffo, "Simple and effective confidence intervals for proportions and differences of proportions", The American
 * Statistician 54, 2000). `null`: too few, or without spread.
 */
export function contrastOfMetric(
  metric: Metric,
  control: CohortCounts,
  treatment: CohortCounts,
  factor: number,
): Contrast | null {
  const [c, t] = [control, treatment].map((counts) => counts.metrics[metric.name] ?? NO_METRIC)
  if (c === undefined || t === undefined) return null
  if (metric.kind === 'paired' || metric.kind === 'compared') {
    const sums = [c, t].map((counts) => (factor === 1 ? counts.values : counts.beyond))
    const [a, b] = sums
    return a === undefined || b === undefined ? null : pairedContrast(momentsOf(addSums(a, b)))
  }
  if (metric.kind === 'conversion')
    return contrastOf(shareMoments(c.values.n, control.subjects), shareMoments(t.values.n, treatment.subjects), factor)
  const moments = ({ subjects }: CohortCounts, { values }: typeof c) =>
    momentsOf(values, isOfAll(metric) ? subjects : values.n)
  return contrastOf(moments(control, c), moments(treatment, t), factor)
}

/** Whoever has sent nothing of it counts as 0. */
function isOfAll({ kind }: Metric): boolean {
  return kind === 'count' || kind === 'conversion'
}

function shareMoments(events: number, subjects: number): Moments {
  const n = subjects + 2
  const mean = (events + 1) / n
  return { n, mean, variance: mean * (1 - mean) }
}
