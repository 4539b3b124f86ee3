import type { Measurement } from '../../core/metrics/measurement.js'
import type { EngineContext } from '../context.js'
import { addTo, componentsOf, type Figures, figuresOf, seriesOf, spanOf, type Window } from './shown.js'

/** A stretch of time; those in which nothing was measured are left out. */
export interface Point {
  at: number
  widthMs: number
  series: (Figures & { component: string; operation: string })[]
}

export interface Points {
  from: number
  to: number
  /** How far apart points are. Old measurements may be kept in wider buckets: then their points are wider too. */
  stepMs: number
  points: Point[]
}

/** For charts: at most `points` stretches of equal width, each a multiple of a bucket, and at most `ROWS_MAX` series in all. */
export async function listPoints(
  context: Pick<EngineContext, 'collections' | 'ledger' | 'metrics' | 'clock'>,
  asked: Window & { points: number },
): Promise<Points> {
  const { metrics } = context
  const known = new Set((await componentsOf(context, asked)).map(({ name }) => name))
  const { from, to } = spanOf(context, asked)
  const stepMs = Math.ceil((to - from) / asked.points / metrics.bucketMs) * metrics.bucketMs
  const held = new Map<number, { widthMs: number; series: Map<string, Measurement> }>()
  for (const { at, widthMs, measurements } of await metrics.read({ from, to, of: seriesOf(asked) })) {
    const start = Math.floor(at / stepMs) * stepMs
    const point = held.get(start) ?? { widthMs: stepMs, series: new Map<string, Measurement>() }
    point.widthMs = Math.max(point.widthMs, widthMs)
    held.set(start, point)
    for (const one of measurements) if (known.has(one.component)) addTo(point.series, one)
  }
  let rows = 0
  const points: Point[] = []
  for (const [at, { widthMs, series }] of [...held].sort(([a], [b]) => b - a)) {
    rows += series.size
    if (rows > ROWS_MAX) break // the newest are kept
    const shown = [...series.values()].map((one) => ({
      component: one.component,
      operation: one.operation,
      ...figuresOf(one.path, one),
    }))
    points.unshift({ at, widthMs, series: shown })
  }
  return { from, to, stepMs, points }
}

export const POINTS_MAX = 500
const ROWS_MAX = 5_000
