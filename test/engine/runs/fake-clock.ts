import type { Clock } from '../../../lib/ports/clock.js'

/** Time that passes only when somebody sleeps, or a test says so. Ids and chance are the same in every run. */
export class FakeClock implements Clock {
  time: number
  readonly slept: number[] = []
  private ids = 0
  private seed = 1

  constructor(start: number) {
    this.time = start
  }

  now(): number {
    return this.time
  }

  monotonic(): number {
    return this.time
  }

  async sleep(ms: number): Promise<void> {
    this.slept.push(ms)
    const wake = this.time + ms
    await new Promise((resolve) => setImmediate(resolve))
    this.time = Math.max(this.time, wake)
  }

  random(): number {
    this.seed = (this.seed * 48_271) % 2_147_483_647
    return this.seed / 2_147_483_647
  }

  id(): string {
    this.ids += 1
    return `id-${String(this.ids).padStart(6, '0')}`
  }
}
