/**
 * How long to wait before an attempt is repeated: a random time below a bound that doubles ("full jitter"). Callers that
 * failed together come back spread over the whole bound, and that is what spares a store that has just come back:
 * Marc Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015:
 *
 *     sleep = random_between(0, min(cap, base * 2 ** attempt))
 *
 * Everything here that waits in order to try again asks this function.
 */
export function backOff(attempt: Attempt, chance: Chance): number {
  return chance.random() * backOffMost(attempt)
}

/** Where chance comes from; a clock is one. */
export interface Chance {
  /** A number in [0, 1). */
  random(): number
}

export interface Attempt {
  /** 0 before the first repetition. */
  attempt: number
  baseMs: number
  /** The longest wait, however many attempts there were. */
  capMs: number
}

/** The bound itself, for those that can only state a fixed time. */
export function backOffMost({ attempt, baseMs, capMs }: Attempt): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(attempt, DOUBLINGS_MAX))
}

/** Beyond it the bound is the cap, whatever the base; and no attempt makes the power infinite. */
const DOUBLINGS_MAX = 40
