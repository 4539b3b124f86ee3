import { type Metered, meteredSeries, type Purpose, purposeSum, type Spent } from '../../core/estimate/metered.js'
import { type Measurement, nothingMeasured } from '../../core/metrics/measurement.js'
import type { Clock } from '../../ports/clock.js'
import type { MetricsStore } from '../../ports/metrics.js'

/**
 * What this instance uses of what is paid for, gathered in memory. It is written along with what is measured of the
 * application's traffic, and by itself only when there is much of it or some time has passed: to meter must not cost
 * what is metered.
 *
 * What cannot go wrong: something is counted twice. What can: an instance that ends loses what it has not written.
 */
export class Spending {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>
  readonly #flushMs: number
  readonly #used = new Map<string, { [name: string]: number }>()
  #commands = 0
  #takenAt: number

  /** `flushMs`: shortest time between two writes. */
  constructor(clock: Pick<Clock, 'now' | 'monotonic'>, flushMs: number) {
    this.#clock = clock
    this.#flushMs = flushMs
    this.#takenAt = clock.monotonic()
  }

  count(component: string, what: keyof Metered, by = 1): void {
    this.#add(component, what, by)
    if (what === 'commands') this.#commands += by
  }

  countFor(purpose: Purpose, component: string, what: keyof Spent, by = 1): void {
    this.count(component, what, by)
    if (purpose !== 'traffic') this.#add(component, purposeSum(what, purpose), by)
  }

  #add(component: string, name: string, by: number): void {
    const used = this.#used.get(component)
    if (used === undefined) this.#used.set(component, { [name]: by })
    else used[name] = (used[name] ?? 0) + by
  }

  /** All that was used since this was asked last, by component. */
  take(): [component: string, sums: { [name: string]: number }][] {
    const taken = [...this.#used].map(([component, used]): [string, { [name: string]: number }] => {
      return [component, Object.fromEntries(Object.entries(used).filter(([, count]) => count > 0))]
    })
    this.#used.clear()
    this.#commands = 0
    this.#takenAt = this.#clock.monotonic()
    return taken.filter(([, sums]) => Object.keys(sums).length > 0)
  }

  /** For instances that measure nothing else. One that is not taken is not sent again: it may have been counted. */
  async write(metrics: Pick<MetricsStore, 'add'>): Promise<void> {
    const age = this.#clock.monotonic() - this.#takenAt
    if (age < this.#flushMs || this.#commands < (age < OLD_MS ? MUCH : SOME)) return
    const measurements = this.take().map(([component, sums]): Measurement => {
      return { ...meteredSeries(component), ...nothingMeasured(), sums: { ...sums } }
    })
    await metrics.add(this.#clock.now(), measurements)
  }
}

/** Commands that are worth a write, which is one itself; fewer only when they are old. */
const MUCH = 200
const SOME = 50
const OLD_MS = 15 * 60_000
