import type { Measured, Series } from '../../core/metrics/measurement.js'
import { BIN_HIGHEST, BIN_LOWEST, binOf, type Sketch } from '../../core/metrics/sketch.js'

const BINS = BIN_HIGHEST - BIN_LOWEST + 1

/**
 * What one instance has measured of one series since it was last taken. Counting is on the way of every operation, so
 * a bin is a place in an array, and nothing is allocated; taking is not, and looks only at the places in between.
 */
export class Cell {
  readonly series: Series
  /** Whether there is anything to be taken. */
  used = false
  #count = 0
  #errors = 0
  #sums: { [name: string]: number } = {}
  #peaks: { [name: string]: number } = {}
  #bins: Uint32Array | null = null
  #lowest = BINS
  #highest = -1

  constructor(series: Series) {
    this.series = series
  }

  /** An operation that took `ms`. */
  operation(ms: number, failed: boolean): void {
    this.#count += 1
    if (failed) this.#errors += 1
    this.#bins ??= new Uint32Array(BINS)
    const place = binOf(ms) - BIN_LOWEST
    this.#bins[place] = (this.#bins[place] ?? 0) + 1
    if (place < this.#lowest) this.#lowest = place
    if (place > this.#highest) this.#highest = place
  }

  sum(name: string, by: number): void {
    this.#sums[name] = (this.#sums[name] ?? 0) + by
  }

  peak(name: string, value: number): void {
    this.#peaks[name] = Math.max(this.#peaks[name] ?? value, value)
  }

  take(): Measured {
    const latencyMs: Sketch = new Map()
    const bins = this.#bins
    if (bins !== null && this.#highest >= 0) {
      for (let place = this.#lowest; place <= this.#highest; place++) {
        const times = bins[place] ?? 0
        if (times > 0) latencyMs.set(place + BIN_LOWEST, times)
      }
      bins.fill(0, this.#lowest, this.#highest + 1)
    }
    const taken = { count: this.#count, errors: this.#errors, sums: this.#sums, peaks: this.#peaks, latencyMs }
    this.#count = 0
    this.#errors = 0
    this.#sums = {}
    this.#peaks = {}
    this.#lowest = BINS
    this.#highest = -1
    this.used = false
    return taken
  }
}
