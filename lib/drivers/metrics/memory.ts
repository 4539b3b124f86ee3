import {
  addMeasured,
  isOf,
  keyOfSeries,
  type Measurement,
  nothingMeasured,
  OVERFLOW,
  totalled,
} from '../../core/metrics/measurement.js'
import { type MetricsStore, SERIES_MAX } from '../../ports/metrics.js'
import { checkAdd } from './accepted.js'

/** Metrics in a Map: the port's promises with nothing behind them, for tests and simulations. Nothing is ever dropped. */
export function memoryMetrics({ bucketMs = 1_000, label = 'memory' } = {}): MetricsStore {
  const buckets = new Map<number, Bucket>()
  const totals: Bucket = new Map()
  const taken = new Map<string, number>()
  let since: number | null = null
  return {
    label,
    bucketMs,
    async add(when, measurements, once) {
      checkAdd(when, measurements, once)
      if (measurements.length === 0) return
      if (once !== undefined) {
        if ((taken.get(once.by) ?? 0) >= once.number) return
        taken.set(once.by, once.number)
      }
      const at = Math.floor(when / bucketMs) * bucketMs
      const bucket: Bucket = buckets.get(at) ?? new Map()
      buckets.set(at, bucket)
      since ??= at
      for (const measurement of measurements) {
        addTo(bucket, measurement)
        addTo(totals, totalled(measurement))
      }
    },
    async read({ from, to, of = {} }) {
      return [...buckets]
        .filter(([at]) => at >= from && at < to)
        .sort(([a], [b]) => a - b)
        .map(([at, bucket]) => ({
          at,
          widthMs: bucketMs,
          measurements: structuredClone([...bucket.values()].filter((one) => isOf(one, of))),
        }))
        .filter(({ measurements }) => measurements.length > 0)
    },
    async totals() {
      return { since, measurements: structuredClone([...totals.values()]) }
    },
    async destroy() {
      buckets.clear()
      totals.clear()
      taken.clear()
      since = null
    },
  }
}

type Bucket = Map<string, Measurement>

function addTo(bucket: Bucket, measurement: Measurement): void {
  const own = keyOfSeries(measurement)
  const room = bucket.has(own) || bucket.size < SERIES_MAX
  const { component, path, operation } = room ? measurement : OVERFLOW
  const key = room ? own : keyOfSeries(OVERFLOW)
  const sum = bucket.get(key) ?? { component, path, operation, ...nothingMeasured() }
  addMeasured(sum, measurement)
  bucket.set(key, sum)
}
