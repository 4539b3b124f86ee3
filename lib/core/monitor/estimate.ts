import { addMeasured, type Measured, type Measurement, nothingMeasured, type Path } from '../metrics/measurement.js'
import { sizeOf } from '../metrics/sketch.js'
import { type Bounds, meanWithBounds, quantileWithBounds, shareBounds } from './bounds.js'
import { hasNoPath, type Metric } from './metric.js'

/** A metric as it was in a window. */
export interface Estimate extends Bounds {
  /** What it is told from: operations, comparisons, connections, or observations. */
  sample: number
  /** Of a share: how many were counted, and how many were not. */
  counted: { yes: number; no: number } | null
}

/** What was measured of a component in some stretch of time. */
export interface Bucket {
  at: number
  widthMs: number
  measurements: readonly Measurement[]
}

export interface Window {
  from: number
  to: number
}

export interface Aspect {
  path: Path | null
  operation: string | null
}

const COMPARE = 'compare'
/** Series that are no operations of the application. */
const NOT_SERVED: ReadonlySet<string> = new Set([COMPARE, 'runtime'])

/** `null`: nothing that tells it was measured. */
export function estimate(
  metric: Metric,
  aspect: Aspect,
  buckets: readonly Bucket[],
  window: Window,
  confidence: number,
): Estimate | null {
  const own = 'operation' in metric && metric.operation !== null
  const of: Aspect = own ? { path: null, operation: metric.operation } : aspect
  const found = buckets
    .filter(({ at }) => at >= window.from && at < window.to)
    .map(({ measurements }) => added(measurements.filter((one) => isMeant(one, of, hasNoPath(metric)))))
    .filter((measured) => measured !== null)
  if (found.length === 0) return null
  const all = nothingMeasured()
  for (const measured of found) addMeasured(all, measured)
  switch (metric.kind) {
    case 'outcomes':
      return share(metric.of === 'bad' ? all.errors : all.count - all.errors, all.count, confidence)
    case 'share': {
      const whole = metric.of === null ? all.count : metric.of.reduce((sum, name) => sum + (all.sums[name] ?? 0), 0)
      return share(all.sums[metric.sum] ?? 0, whole, confidence)
    }
    case 'quantile':
    case 'mean-ms': {
      const sample = sizeOf(all.latencyMs)
      if (sample === 0) return null
      const { latencyMs } = all
      const bounds =
        metric.kind === 'quantile'
          ? quantileWithBounds(latencyMs, metric.q, confidence)
          : meanWithBounds(latencyMs, confidence)
      return { ...bounds, sample, counted: null }
    }
    case 'throughput':
      return exact((all.count * 1000) / (window.to - window.from), found.length)
    case 'sum':
      return metric.sum in all.sums ? exact(all.sums[metric.sum] ?? 0, all.count) : null
    case 'mean':
      return metric.sum in all.sums && all.count > 0 ? exact((all.sums[metric.sum] ?? 0) / all.count, all.count) : null
    case 'peak': {
      const seen = found.filter(({ peaks }) => metric.peak in peaks).length
      return seen === 0 ? null : exact(all.peaks[metric.peak] ?? 0, seen)
    }
  }
}

/** Counts that make no sense are no evidence. */
function share(yes: number, whole: number, confidence: number): Estimate | null {
  if (!(Number.isSafeInteger(yes) && Number.isSafeInteger(whole) && whole > 0 && yes >= 0 && yes <= whole)) return null
  return { ...shareBounds(yes, whole, confidence), sample: whole, counted: { yes, no: whole - yes } }
}

/** What was counted or read off rather than sampled. */
function exact(value: number, sample: number): Estimate | null {
  return Number.isFinite(value) ? { value, low: value, high: value, sample, counted: null } : null
}

function added(measurements: readonly Measurement[]): Measured | null {
  if (measurements.length === 0) return null
  const sum = nothingMeasured()
  for (const measurement of measurements) addMeasured(sum, measurement)
  return sum
}

function isMeant({ path, operation }: Measurement, aspect: Aspect, noPath: boolean): boolean {
  if (aspect.operation !== null && operation !== aspect.operation) return false
  if (noPath) return path === null
  if (aspect.operation === null && NOT_SERVED.has(operation)) return false
  return aspect.path === null || path === aspect.path
}
