import { type Measured, type Measurement, nothingMeasured } from '../../core/metrics/measurement.js'

/** What an instance sends at once: all of one bucket. */
export interface Batch {
  number: number
  at: number
  measurements: Measurement[]
  /** Monotonic milliseconds of the first attempt. */
  sentAt: number | null
}

/** Peaks join the component's own series if it is there. */
export function withPeaks(measurements: Measurement[], component: string, peaks: Measured['peaks']): Measurement {
  const at = measurements.findIndex((one) => one.component === component && one.operation === 'runtime')
  const [held] = at < 0 ? [] : measurements.splice(at, 1)
  const runtime = { component, path: null, operation: 'runtime' }
  if (held !== undefined) return { ...held, peaks: { ...held.peaks, ...peaks } }
  return { ...runtime, ...nothingMeasured(), peaks: { ...peaks } }
}
