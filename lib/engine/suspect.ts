import type { Clock } from '../ports/clock.js'

/** Longest that evidence waits for a weighing after one that found too little of it. */
const WEIGH_EVERY_MS = 5_000

/**
 * Evidence against a stage, an operation that failed or copies that differ, is weighed at once: it waits neither for its
 * counts to be flushed nor for the cron. A plan that has a reason to turn back does so within seconds; where there is
 * none, nothing happens. However much goes wrong, an instance weighs once in a while.
 */
export function suspecter(
  clock: Pick<Clock, 'monotonic'>,
  background: (work: Promise<unknown>) => void,
  weigh: () => Promise<unknown>,
): (collection: string) => void {
  const last = new Map<string, number>()
  return (collection) => {
    const now = clock.monotonic()
    if (now - (last.get(collection) ?? Number.NEGATIVE_INFINITY) < WEIGH_EVERY_MS) return
    last.set(collection, now)
    background(weigh())
  }
}
