/** Metrics that every component has. Those of one's own are named by what was recorded: see `metricOf`. */
export const METRICS = [
  'error-rate', // share of operations that failed, 0 to 1
  'success-rate', // share that did not
  'p50-ms',
  'p95-ms',
  'p99-ms',
  'mean-ms',
  'throughput', // operations a second
  'memory-share', // highest share of the function's memory in use, 0 to 1
  'dropped-connection-rate', // share of connections that ended otherwise than as they should, 0 to 1
  'mismatch-rate', // share of comparisons that found the two paths to differ, 0 to 1
] as const

/** How a metric is told from what was measured. */
export type Metric =
  /** Operations that failed, of all; `of: 'good'` turns it round. */
  | { kind: 'outcomes'; of: 'bad' | 'good' }
  | { kind: 'quantile'; q: number }
  | { kind: 'mean-ms' }
  | { kind: 'throughput' }
  /** One recorded sum of another (`null`: of the count of operations), in the series of one operation. */
  | { kind: 'share'; sum: string; of: readonly string[] | null; operation: string | null }
  | { kind: 'sum'; sum: string }
  | { kind: 'mean'; sum: string }
  | { kind: 'peak'; peak: string; operation: string | null }

const NAMED: { readonly [name in (typeof METRICS)[number]]: Metric } = {
  'error-rate': { kind: 'outcomes', of: 'bad' },
  'success-rate': { kind: 'outcomes', of: 'good' },
  'p50-ms': { kind: 'quantile', q: 0.5 },
  'p95-ms': { kind: 'quantile', q: 0.95 },
  'p99-ms': { kind: 'quantile', q: 0.99 },
  'mean-ms': { kind: 'mean-ms' },
  throughput: { kind: 'throughput' },
  'memory-share': { kind: 'peak', peak: 'memoryShare', operation: 'runtime' },
  'dropped-connection-rate': { kind: 'share', sum: 'dropped', of: ['connections'], operation: 'runtime' },
  'mismatch-rate': { kind: 'share', sum: 'mismatched', of: ['matched', 'mismatched'], operation: 'compare' },
}

const RECORDED = /^(sum|share|mean|peak):([A-Za-z][\w.-]{0,63})$/
const RATIO = /^ratio:([A-Za-z][\w.-]{0,63})\/([A-Za-z][\w.-]{0,63})$/

/** `null`: there is no such metric. */
export function metricOf(name: string): Metric | null {
  const named = METRICS.find((metric) => metric === name)
  if (named !== undefined) return NAMED[named]
  const [, sum, whole] = RATIO.exec(name) ?? []
  if (sum !== undefined && whole !== undefined) return { kind: 'share', sum, of: [whole], operation: null }
  const [, kind, recorded] = RECORDED.exec(name) ?? []
  if (recorded === undefined) return null
  if (kind === 'sum' || kind === 'mean') return { kind, sum: recorded }
  if (kind === 'peak') return { kind, peak: recorded, operation: null }
  return { kind: 'share', sum: recorded, of: null, operation: null }
}

/** How much of it has to be there before it says anything; what is read off rather than sampled says it at once. */
export function leastSample({ kind }: Metric): number {
  return kind === 'peak' || kind === 'sum' || kind === 'throughput' ? 1 : SAMPLE_MIN
}

const SAMPLE_MIN = 20

/** Whether what is measured of it belongs to no path. */
export function hasNoPath(metric: Metric): boolean {
  return (metric.kind === 'share' || metric.kind === 'peak') && metric.operation !== null
}

/** In words and with its unit, for sentences. */
export function shownValue(name: string, value: number): string {
  const metric = metricOf(name)
  if (metric?.kind === 'outcomes' || metric?.kind === 'share' || name === 'memory-share') return percent(value)
  if (metric?.kind === 'quantile' || metric?.kind === 'mean-ms') return `${rounded(value)} ms`
  return metric?.kind === 'throughput' ? `${rounded(value)} a second` : rounded(value)
}

export function percent(value: number): string {
  return `${rounded(value * 100)} %`
}

/** Three digits that matter. */
export function rounded(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'any'
}
