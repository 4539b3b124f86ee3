import { keyOfSeries, type Measurement } from '../core/metrics/measurement.js'
import { boundOfBin, COARSE } from '../core/metrics/sketch.js'

/**
 * Measurements in the text format of Prometheus (0.0.4). What counts is a counter: the store keeps totals that expire
 * with nothing and only grow, apart from its buckets, which do expire. How full memory is, is a gauge.
 */
export function prometheusText({
  totals,
  recent,
}: {
  totals: readonly Measurement[]
  recent: readonly Measurement[]
}): string {
  const sorted = totals.toSorted((a, b) => (keyOfSeries(a) < keyOfSeries(b) ? -1 : 1))
  const operations = sorted.filter(
    ({ path, operation }) => path !== null || (operation !== 'compare' && operation !== 'runtime'),
  )
  const families: Family[] = [
    counter(
      'cutover_operations_total',
      'Operations, the failed ones included.',
      operations.map((one) => [labelsOf(one), one.count]),
    ),
    counter(
      'cutover_operation_errors_total',
      'Operations that failed by no fault of their caller.',
      operations.map((one) => [labelsOf(one), one.errors]),
    ),
    durations(operations),
    counter('cutover_comparisons_total', 'Reads that were compared with the other store.', outcomes(sorted)),
    sumsOf(sorted, 'cutover_connections_total', 'Requests of clients.', 'runtime', 'connections'),
    sumsOf(
      sorted,
      'cutover_connections_dropped_total',
      'Requests whose client went away before the answer.',
      'runtime',
      'dropped',
    ),
    sumsOf(
      sorted,
      'cutover_recorder_lost_operations_total',
      'Operations whose measurement may be lost.',
      'recorder',
      'lost',
    ),
    sumsOf(
      sorted,
      'cutover_recorder_retries_total',
      'Attempts to write measurements that failed.',
      'recorder',
      'retried',
    ),
    {
      name: 'cutover_memory_share',
      type: 'gauge',
      help: 'Highest share of its memory that an instance has taken within the last five minutes.',
      lines: highest(recent).map(([labels, value]) => line('cutover_memory_share', labels, value)),
    },
  ]
  return families
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, type, help, lines }) => [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ''].join('\n'))
    .join('')
}

export const PROMETHEUS_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

interface Family {
  name: string
  type: 'counter' | 'gauge' | 'histogram'
  help: string
  lines: string[]
}

interface Labels {
  [name: string]: string
}

function counter(name: string, help: string, values: readonly [Labels, number][]): Family {
  return { name, type: 'counter', help, lines: values.map(([labels, value]) => line(name, labels, value)) }
}

/** Bounds are those of bins, each about twice the one below: nothing is between a bound and what it counts. */
const BOUNDS = Array.from({ length: 21 }, (_, at) => (at - 3) * COARSE)

function durations(operations: readonly Measurement[]): Family {
  const name = 'cutover_operation_duration_seconds'
  const lines = operations
    .filter(({ latencyMs }) => latencyMs.size > 0)
    .flatMap((one) => {
      const labels = labelsOf(one)
      const upTo = (bound: number): number =>
        [...one.latencyMs].reduce((sum, [bin, times]) => (bin <= bound ? sum + times : sum), 0)
      const all = upTo(Number.POSITIVE_INFINITY)
      return [
        ...BOUNDS.map((bound) => line(`${name}_bucket`, { ...labels, le: secondsOf(bound) }, upTo(bound))),
        line(`${name}_bucket`, { ...labels, le: '+Inf' }, all),
        line(`${name}_sum`, labels, (one.sums.latencyMs ?? 0) / 1000),
        line(`${name}_count`, labels, all),
      ]
    })
  return { name, type: 'histogram', help: 'How long operations took; the sum is exact to 1 %.', lines }
}

function secondsOf(bin: number): string {
  return String(Number((boundOfBin(bin) / 1000).toPrecision(6)))
}

function outcomes(all: readonly Measurement[]): [Labels, number][] {
  const compared = all.filter(({ path, operation }) => path === null && operation === 'compare')
  return compared.flatMap(({ component, sums }) =>
    ['matched', 'mismatched', 'inconclusive'].map((outcome): [Labels, number] => [
      { component, outcome },
      sums[outcome] ?? 0,
    ]),
  )
}

function sumsOf(all: readonly Measurement[], name: string, help: string, operation: string, sum: string): Family {
  const found = all.filter((one) => one.path === null && one.operation === operation && one.sums[sum] !== undefined)
  return counter(
    name,
    help,
    found.map(({ component, sums }) => [{ component }, sums[sum] ?? 0]),
  )
}

function highest(recent: readonly Measurement[]): [Labels, number][] {
  const shares = new Map<string, number>()
  for (const { component, peaks } of recent) {
    const share = peaks.memoryShare
    if (share !== undefined) shares.set(component, Math.max(shares.get(component) ?? share, share))
  }
  return [...shares].sort(([a], [b]) => (a < b ? -1 : 1)).map(([component, share]) => [{ component }, share])
}

function labelsOf({ component, path, operation }: Measurement): Labels {
  return { component, path: path ?? 'none', operation }
}

function line(name: string, labels: Labels, value: number): string {
  const inside = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`)
  return `${name}{${inside.join(',')}} ${value}`
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
