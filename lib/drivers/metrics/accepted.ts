import { CutoverError } from '../../core/error.js'
import type { Measurement } from '../../core/metrics/measurement.js'
import { BIN_HIGHEST, BIN_LOWEST, COARSE } from '../../core/metrics/sketch.js'
import { type Once, SERIES_MAX } from '../../ports/metrics.js'

/** What every metrics driver accepts, so that none can be given what another would refuse. */
export function checkAdd(at: number, measurements: readonly Measurement[], once?: Once): void {
  if (!Number.isFinite(at) || at < 0) throw invalid('The time of measurements is wall-clock milliseconds.')
  if (measurements.length > SERIES_MAX) {
    throw new CutoverError('too-large', `At most ${SERIES_MAX} measurements are added at once; split them.`)
  }
  if (once !== undefined && !(TEXT.test(once.by) && Number.isSafeInteger(once.number) && once.number > 0)) {
    throw invalid('A writer has a name of visible text, and numbers what it sends from 1.')
  }
  for (const measurement of measurements) check(measurement)
}

const TEXT = /^[^\p{Cc}]{1,128}$/u
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/
/** Sums of one measurement, and its peaks. */
const NAMES_MAX = 64

function check({ component, operation, count, errors, sums, peaks, latencyMs }: Measurement): void {
  if (![component, operation].every((text) => TEXT.test(text) && text.isWellFormed())) {
    throw invalid('A component and an operation are 1 to 128 visible characters.')
  }
  const values = [sums, peaks].map((all) => Object.entries(all))
  for (const entries of values) {
    if (entries.length > NAMES_MAX) throw invalid(`A measurement has at most ${NAMES_MAX} sums and as many peaks.`)
    for (const [name, value] of entries) {
      if (!NAME.test(name)) throw invalid('Sums and peaks are named [A-Za-z][A-Za-z0-9_.-]*, 64 characters at most.')
      if (!Number.isFinite(value)) throw invalid(`The value of ${name} is not a finite number.`)
    }
  }
  for (const [bin, times] of latencyMs) {
    if (!(bin >= BIN_LOWEST && bin <= BIN_HIGHEST + COARSE && Number.isInteger(bin) && isCount(times))) throw counts()
  }
  if (![count, errors].every(isCount)) throw counts()
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function counts(): CutoverError {
  return invalid('Counts are integers from 0, and latencies are counted in the bins of a sketch.')
}

function invalid(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
