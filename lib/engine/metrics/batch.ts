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
  const held = takeRuntime(measurements, component)
  return { ...held, peaks: { ...held.peaks, ...peaks } }
}

/** So do sums that are counted elsewhere, under names of their own. */
export function withSums(measurements: Measurement[], component: string, sums: Measured['sums']): Measurement {
  const held = takeRuntime(measurements, component)
  return { ...held, sums: { ...held.sums, ...sums } }
}

function takeRuntime(measurements: Measurement[], component: string): Measurement {
  const at = measurements.findIndex((one) => one.component === component && one.operation === 'runtime')
  const [held] = at < 0 ? [] : measurements.splice(at, 1)
  return held ?? { component, path: null, operation: 'runtime', ...nothingMeasured() }
}
