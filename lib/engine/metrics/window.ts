import { addMeasured, type Measured, nothingMeasured, type Series } from '../../core/metrics/measurement.js'
import type { MetricsStore } from '../../ports/metrics.js'

/**
 * Everything of some series within a time, added up; `null`: nothing was measured. `from` and `to` are wall-clock
 * milliseconds; only buckets that begin at `from` or later count, so that nothing from before is in the sum.
 */
export async function measuredIn(
  metrics: MetricsStore,
  of: Partial<Series>,
  from: number,
  to: number,
): Promise<Measured | null> {
  const sum = nothingMeasured()
  let found = false
  for (const { measurements } of await metrics.read({ from, to, of })) {
    for (const measurement of measurements) {
      found = true
      addMeasured(sum, measurement)
    }
  }
  return found ? sum : null
}
