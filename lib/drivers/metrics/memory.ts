import { addMeasured, keyOfSeries, type Measurement, nothingMeasured } from '../../core/metrics/measurement.js'
import type { MetricsStore } from '../../ports/metrics.js'

/** Metrics in a Map: the port's promises with nothing behind them, for tests and simulations. Nothing is ever dropped. */
export function memoryMetrics({ bucketMs = 1_000, label = 'memory' } = {}): MetricsStore {
  const buckets = new Map<number, Map<string, Measurement>>()
  return {
    label,
    bucketMs,
    async add(when, measurements) {
      const at = Math.floor(when / bucketMs) * bucketMs
      const bucket = buckets.get(at) ?? new Map<string, Measurement>()
      buckets.set(at, bucket)
      for (const measurement of measurements) {
        const { component, path, operation } = measurement
        const key = keyOfSeries(measurement)
        const sum = bucket.get(key) ?? { component, path, operation, ...nothingMeasured() }
        addMeasured(sum, measurement)
        bucket.set(key, sum)
      }
    },
    async read({ from, to, of = {} }) {
      const wanted = (measurement: Measurement): boolean =>
        (of.component === undefined || of.component === measurement.component) &&
        (of.path === undefined || of.path === measurement.path) &&
        (of.operation === undefined || of.operation === measurement.operation)
      return [...buckets]
        .filter(([at]) => at >= from && at < to)
        .sort(([a], [b]) => a - b)
        .map(([at, bucket]) => ({
          at,
          widthMs: bucketMs,
          measurements: [...bucket.values()].filter(wanted).map((measurement) => structuredClone(measurement)),
        }))
    },
    async destroy() {
      buckets.clear()
    },
  }
}
