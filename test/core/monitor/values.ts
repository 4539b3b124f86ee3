import type { Measurement, Path } from '../../../lib/core/metrics/measurement.js'
import { addValue } from '../../../lib/core/metrics/sketch.js'
import type { Bucket } from '../../../lib/core/monitor/estimate.js'
import { leastSample, metricOf } from '../../../lib/core/monitor/metric.js'
import { RULE_DEFAULTS, type Rule } from '../../../lib/core/monitor/rule.js'

export const NOW = 1_750_000_000_000
export const MINUTE = 60_000

/** A rule with windows of one minute. */
export function rule(more: Partial<Rule> = {}): Rule {
  const what = { name: 'mine', metric: 'error-rate', threshold: 0.01, windowMinutes: 1, ...more }
  const metric = metricOf(what.metric)
  return { ...RULE_DEFAULTS, minimumSample: metric === null ? 20 : leastSample(metric), ...what } as Rule
}

export interface Traffic {
  path?: Path | null
  operation?: string
  count?: number
  errors?: number
  /** How long each took; default: 10 ms. */
  ms?: number
  sums?: Measurement['sums']
  peaks?: Measurement['peaks']
  component?: string
}

export function measurement(traffic: Traffic): Measurement {
  const { path = 'target', operation = 'read', count = 0, errors = 0, ms = 10, sums = {}, peaks = {} } = traffic
  const latencyMs = new Map<number, number>()
  if (count > 0) addValue(latencyMs, ms, count)
  return { component: traffic.component ?? 'projects', path, operation, count, errors, sums, peaks, latencyMs }
}

/** One bucket of ten seconds, that many seconds before `NOW`. */
export function bucket(secondsAgo: number, ...traffic: Traffic[]): Bucket {
  return { at: NOW - secondsAgo * 1000, widthMs: 10_000, measurements: traffic.map(measurement) }
}

/** The same traffic in every bucket from one time to another, in seconds before `NOW`. */
export function steady(from: number, to: number, ...traffic: Traffic[]): Bucket[] {
  const buckets: Bucket[] = []
  for (let ago = from; ago > to; ago -= 10) buckets.push(bucket(ago, ...traffic))
  return buckets
}
