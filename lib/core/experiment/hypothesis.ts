import type { CohortCounts } from './counts.js'
import { NO_METRIC } from './counts.js'
import type { Metric } from './experiment.js'
import { logEvidence, logEvidenceAbove, zOf } from './statistics/confidence-sequence.js'
import { conditionalP, fisherP } from './statistics/exact-tests.js'
import { logRateEvidence } from './statistics/rate-evidence.js'
import { type Contrast, welchP } from './statistics/welch.js'
import { contrastOfMetric } from './summary.js'

/** What is doubted, in terms of a metric; what speaks against it is evidence for its name. */
export type Hypothesis =
  | 'different' // that there is no difference
  | 'inferior' // that the treatment is worse by no more than the margin
  | 'safe' // that the treatment is worse by the margin or more

/** The two cohorts of one comparison, and what was fixed before the first look. */
export interface Pair {
  metric: Metric
  control: CohortCounts
  treatment: CohortCounts
  /** Shares of all subjects that were promised to the two. */
  shares: readonly [control: number, treatment: number]
  rho: number
  minSubjects: number
}

/** A statement about treatment - factor * control - shift, and which side of 0 speaks for it. */
interface Asked {
  factor: number
  shift: number
  side: 'both' | 'above' | 'below'
}

function askedBy(hypothesis: Hypothesis, { better, margin }: Metric): Asked {
  if (hypothesis === 'different') return { factor: 1, shift: 0, side: 'both' }
  const worse = better === 'lower' ? 1 : -1
  const size = worse * (margin?.value ?? 0)
  const side = (hypothesis === 'inferior') === (worse === 1) ? 'above' : 'below'
  return margin?.kind === 'relative' ? { factor: 1 + size, shift: 0, side } : { factor: 1, shift: size, side }
}

/** P for one look, or for a boundary; `null`: it cannot be said. */
export function pOf(hypothesis: Hypothesis, pair: Pair): number | null {
  const { metric, control, treatment } = pair
  const { factor, shift, side } = askedBy(hypothesis, metric)
  if (metric.kind === 'conversion' && shift === 0 && isRare(pair)) {
    const [c, t] = talliesOf(pair)
    if (factor === 1) return fisherP(c, t, side)
    const theta = (t.n * factor) / (t.n * factor + c.n)
    return side === 'both' ? null : conditionalP(c.events, t.events, theta, side)
  }
  const contrast = shifted(contrastOfMetric(metric, control, treatment, factor), shift)
  return contrast === null ? null : welchP(contrast, side)
}

/**
 * ln of evidence that holds at every look; `null`: there is none to be had yet. Of shares and counts it is the mean of
 * two: one exact in the events' counts, one of means; a mean of two such evidences is one as well (half on each).
 */
export function logEvidenceOf(hypothesis: Hypothesis, pair: Pair): number | null {
  const { metric, control, treatment } = pair
  const asked = askedBy(hypothesis, metric)
  const contrast = isNearNormal(pair)
    ? shifted(contrastOfMetric(metric, control, treatment, asked.factor), asked.shift)
    : null
  const ofMeans = contrast === null ? null : evidenceOfMeans(contrast, asked.side, pair.rho)
  const exact = exactEvidence(hypothesis, pair, asked)
  return exact === null ? ofMeans : Math.log(0.5) + logSum(exact, ofMeans ?? Number.NEGATIVE_INFINITY)
}

/**
 * From counts of subjects with the event. With a margin in shares of subjects, of the treatment alone: if it were worse
 * by the margin, then its own share would be the margin at least, whatever the control's is. That is how errors of which
 * there are none are found to be few.
 */
function exactEvidence(hypothesis: Hypothesis, pair: Pair, { factor, shift, side }: Asked): number | null {
  const { kind, better } = pair.metric
  const [c, t] = talliesOf(pair)
  if (shift !== 0) {
    if (kind !== 'conversion' || hypothesis !== 'safe' || Math.abs(shift) >= 1) return null
    const bad = better === 'lower' ? t.events : t.n - t.events
    return logRateEvidence(t.n - bad, bad, Math.abs(shift), 'below')
  }
  if (kind !== 'conversion' && !(kind === 'count' && hypothesis === 'different')) return null
  const weight = pair.shares[1] * factor
  return logRateEvidence(c.events, t.events, weight / (weight + pair.shares[0]), side)
}

/** Means of this many subjects, with and without the event, are taken for near normal. */
const EVENTS_MIN = 10

/** What holds asymptotically speaks only from here on; the number was chosen before. */
export function isNearNormal({ metric, control, treatment, minSubjects }: Pair): boolean {
  const arms = [control, treatment].map((counts) => ({
    subjects: counts.subjects,
    events: (counts.metrics[metric.name] ?? NO_METRIC).values.n,
  }))
  const events = arms.map((arm) => arm.events)
  if (metric.kind === 'paired' || metric.kind === 'compared') return events.reduce((a, b) => a + b, 0) >= minSubjects
  if (metric.kind === 'value') return events.every((n) => n >= minSubjects)
  const enough = arms.every((arm) => arm.subjects >= minSubjects && arm.events >= EVENTS_MIN)
  return enough && (metric.kind === 'count' || arms.every((arm) => arm.subjects - arm.events >= EVENTS_MIN))
}

function isRare({ control, treatment, metric }: Pair): boolean {
  return [control, treatment].some((counts) => {
    const { n } = (counts.metrics[metric.name] ?? NO_METRIC).values
    return n < EVENTS_MIN || counts.subjects - n < EVENTS_MIN
  })
}

function evidenceOfMeans(contrast: Contrast, side: Asked['side'], rho: number): number {
  const z = zOf(contrast)
  if (side === 'both') return logEvidence(z, contrast.n, rho)
  return logEvidenceAbove(side === 'above' ? z : -z, contrast.n, rho)
}

function talliesOf({ control, treatment, metric }: Pair) {
  const tally = (counts: CohortCounts) => ({
    n: counts.subjects,
    events: (counts.metrics[metric.name] ?? NO_METRIC).values.n,
  })
  return [tally(control), tally(treatment)] as const
}

function shifted(contrast: Contrast | null, shift: number): Contrast | null {
  return contrast === null ? null : { ...contrast, estimate: contrast.estimate - shift }
}

function logSum(a: number, b: number): number {
  const most = Math.max(a, b)
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log(Math.exp(a - most) + Math.exp(b - most))
}
