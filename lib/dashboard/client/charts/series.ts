import type { listMetrics } from '../../../commands/operators/metrics/list-metrics.js'
import type { showMetrics } from '../../../commands/operators/metrics/show-metrics.js'
import { shownMs, shownPercent, UNKNOWN } from '../../page/format.js'

export type SeriesAnswer = ReturnType<typeof listMetrics.output.parse>
export type TotalsAnswer = ReturnType<typeof showMetrics.output.parse>

/**
 * What was measured, as charts draw it. Where nothing was measured there is nothing: no line is drawn across, and
 * nothing is taken for nought.
 */
export interface Plotted {
  /** Wall-clock milliseconds. */
  from: number
  to: number
  stepMs: number
  /** In the order of the figures of each stretch. */
  paths: readonly string[]
  stretches: Stretch[]
}

export interface Stretch {
  at: number
  widthMs: number
  /** Of each path; `null`: nothing was measured of it. */
  figures: (Figures | null)[]
}

export interface Figures {
  count: number
  errors: number
  p50Ms: number | null
  p95Ms: number | null
  p99Ms: number | null
  errorRate: number | null
  perSecond: number | null
}

export type Measure = 'p50Ms' | 'p95Ms' | 'p99Ms' | 'errorRate' | 'perSecond'

export const MEASURES: readonly { measure: Measure; label: string; note: string }[] = [
  { measure: 'p50Ms', label: 'p50 latency', note: 'half of the operations were faster' },
  { measure: 'p95Ms', label: 'p95 latency', note: 'one in twenty was slower' },
  { measure: 'p99Ms', label: 'p99 latency', note: 'one in a hundred was slower' },
  { measure: 'errorRate', label: 'Error rate', note: 'failed by no fault of the caller' },
  { measure: 'perSecond', label: 'Operations a second', note: 'what the rest was measured of' },
]

export function plottedOf(answer: SeriesAnswer, operation: string, paths: readonly string[]): Plotted {
  const [from, to] = [Date.parse(answer.from), Date.parse(answer.to)]
  const stretches: Stretch[] = []
  for (const point of answer.points) {
    const at = Date.parse(point.at)
    const before = stretches.at(-1)
    const end = before === undefined ? at : before.at + before.widthMs
    // What is kept in wider buckets is told by the step that it begins in, so that neighbours may seem a step apart.
    const slack = before !== undefined && before.widthMs > answer.stepMs ? answer.stepMs : 0
    if (before !== undefined && at > end + slack)
      stretches.push({ at: end, widthMs: at - end, figures: paths.map(() => null) })
    // The latest stretch is not over yet.
    const seconds = Math.max(1, (Math.min(at + point.widthMs, to) - at) / 1_000)
    const figures = paths.map((path) => {
      const row = point.series.find((one) => one.operation === operation && one.path === path)
      if (row === undefined || row.count === 0) return null
      const { count, errors, p50Ms, p95Ms, p99Ms, errorRate } = row
      return { count, errors, p50Ms, p95Ms, p99Ms, errorRate, perSecond: count / seconds }
    })
    stretches.push({ at, widthMs: point.widthMs, figures })
  }
  return { from, to, stepMs: answer.stepMs, paths, stretches }
}

export function isEmpty({ stretches }: Plotted): boolean {
  return stretches.every(({ figures }) => figures.every((one) => one === null))
}

/** As uPlot takes it: moments in seconds (the middle of each stretch), then the values of each path. */
export function dataOf({ stretches, paths }: Plotted, measure: Measure): [number[], ...(number | null)[][]] {
  const moments = stretches.map(({ at, widthMs }) => (at + widthMs / 2) / 1_000)
  return [moments, ...paths.map((_, path) => stretches.map(({ figures }) => figures[path]?.[measure] ?? null))]
}

/** Those with nothing on either side, which no line would show. */
export function lonely(values: ArrayLike<number | null | undefined>): number[] {
  return Array.from(values, (value, index): number[] => {
    const alone = (values[index - 1] ?? null) === null && (values[index + 1] ?? null) === null
    return value !== null && value !== undefined && alone ? [index] : []
  }).flat()
}

/** Top of the one scale of all paths, so that they can be compared: a little above the highest value. */
export function topOf(plotted: Plotted, measure: Measure): number {
  const values = plotted.stretches.flatMap(({ figures }) => figures.map((one) => one?.[measure] ?? 0))
  return Math.max(LEAST_TOP[measure], Math.max(0, ...values) * 1.12)
}

/** Below these, differences are noise that should not fill the chart. */
const LEAST_TOP: { readonly [measure in Measure]: number } = {
  p50Ms: 1,
  p95Ms: 1,
  p99Ms: 1,
  errorRate: 0.01,
  perSecond: 1,
}

/** The last stretch in which anything was measured; -1: none. */
export function latestOf({ stretches }: Plotted): number {
  return stretches.findLastIndex(({ figures }) => figures.some((one) => one !== null))
}

export function shownFigure(measure: Measure, value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN
  if (measure === 'errorRate') return shownPercent(value * 100)
  return measure === 'perSecond' ? `${Number(value.toPrecision(2))}/s` : shownMs(value)
}

/** Operations that were measured of a component, those that say something of its paths, the most frequent first. */
export function operationsOf(answer: TotalsAnswer, component: string): { operation: string; count: number }[] {
  const found = answer.components.find((one) => one.component === component)?.operations ?? []
  return found
    .map(({ operation, paths }) => ({
      operation,
      count: paths.reduce((sum, { path, count }) => sum + (path === null ? 0 : count), 0),
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.operation < b.operation ? -1 : 1))
}

/** How often a window is worth asking for again: a look costs commands, and a point says nothing new before its end. */
export function refreshMsOf(stepMs: number | null): number {
  return Math.min(REFRESH_MS_MAX, Math.max(REFRESH_MS_MIN, stepMs ?? 0))
}

const REFRESH_MS_MIN = 5_000
const REFRESH_MS_MAX = 60_000
