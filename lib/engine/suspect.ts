import type { Clock } from '../ports/clock.js'

/** Shortest time between two weighings of an instance, and the longest while a fault lasts: then the cron is as quick. */
const WEIGH_EVERY_MS = 5_000
const WEIGH_EVERY_MS_MAX = 120_000

/**
 * Evidence against a stage, an operation that failed or copies that differ, is weighed at once: it waits neither for its
 * counts to be flushed nor for the cron. A plan that has a reason to turn back does so within seconds; where there is
 * none, nothing happens. A fault that lasts is weighed half as often each time, for each weighing reads the stores.
 */
export function suspecter(
  clock: Pick<Clock, 'monotonic'>,
  background: (work: Promise<unknown>) => void,
  weigh: () => Promise<unknown>,
): (collection: string) => void {
  const last = new Map<string, { at: number; everyMs: number }>()
  return (collection) => {
    const now = clock.monotonic()
    const before = last.get(collection)
    const sinceMs = before === undefined ? Number.POSITIVE_INFINITY : now - before.at
    if (before !== undefined && sinceMs < before.everyMs) return
    const lasts = before !== undefined && sinceMs < 2 * before.everyMs
    const everyMs = lasts ? Math.min(2 * before.everyMs, WEIGH_EVERY_MS_MAX) : WEIGH_EVERY_MS
    last.set(collection, { at: now, everyMs })
    background(weigh())
  }
}
