/**
 * How many failed attempts one address may make in a minute, as far as this instance has seen them. It is a brake on
 * noise and on work, not what keeps guesses out: instances do not tell each other, and a token is too long to guess.
 * That is why nobody is ever locked out of all addresses at once.
 */
export function attemptsByAddress(now: () => number): Attempts {
  const failed = new Map<string, { since: number; count: number }>()
  return {
    waitMs(request) {
      const { since, count } = failed.get(addressOf(request)) ?? { since: 0, count: 0 }
      const left = since + WINDOW_MS - now()
      return count >= FAILED_MAX && left > 0 ? Math.min(left, WINDOW_MS) : 0
    },
    fail(request) {
      const address = addressOf(request)
      const before = failed.get(address)
      const isOver = before === undefined || before.since + WINDOW_MS <= now()
      // Deleted first, so that the map keeps the order of the last failures, and the oldest is the one to go.
      failed.delete(address)
      failed.set(address, isOver ? { since: now(), count: 1 } : { since: before.since, count: before.count + 1 })
      const [oldest] = failed.keys()
      if (failed.size > ADDRESSES_MAX && oldest !== undefined) failed.delete(oldest)
    },
  }
}

export interface Attempts {
  /** 0: go ahead. */
  waitMs(request: Request): number
  fail(request: Request): void
}

export const FAILED_MAX = 20
const WINDOW_MS = 60_000
const ADDRESSES_MAX = 1_000
const ADDRESS_CHARS_MAX = 64

/** As the nearest proxy tells it: what stands before that, anybody may have written. Without a proxy, all are one. */
function addressOf(request: Request): string {
  const told = request.headers.get('x-forwarded-for')?.split(',').at(-1)?.trim() ?? ''
  return told.slice(0, ADDRESS_CHARS_MAX)
}
