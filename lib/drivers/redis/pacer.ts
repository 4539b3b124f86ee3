import { TokenBucket } from 'limiter'
import { notSent } from '../../core/failing/not-sent.js'
import type { CommandLimits } from './limit.js'

/**
 * Lets commands go at the pace of a token bucket. Those of the application go first; runs take what is left, and wait
 * longer for it. Within each of the two it is first come, first served, and a request of many commands collects its
 * tokens before it goes.
 */
export interface Pacer {
  /** Resolves when so many commands may go; throws `unavailable` (throttled) when the wait is over. */
  take(commands: number, turn: 'first' | 'later'): Promise<void>
}

export function openPacer({ perSecondMax, burst, waitMs }: CommandLimits): Pacer {
  const bucket = new TokenBucket({ bucketSize: burst, tokensPerInterval: perSecondMax, interval: 'second' })
  bucket.content = burst
  const queues = { first: [] as Waiting[], later: [] as Waiting[] }
  let timer: NodeJS.Timeout | null = null

  function pump(): void {
    const now = performance.now()
    for (const queue of [queues.first, queues.later]) dropLate(queue, now)
    for (let one = headOf(queues); one !== null; one = headOf(queues)) {
      const step = Math.min(one.waiting.left, burst)
      if (!bucket.tryRemoveTokens(step)) {
        comeBack(bucket.getWaitTime(step), one.waiting.until - now)
        return
      }
      one.waiting.left -= step
      if (one.waiting.left > 0) continue
      one.queue.shift()
      one.waiting.resolve()
    }
  }

  /** When there are tokens again, or the first of those that wait has waited long enough. */
  function comeBack(tokensMs: number, leftMs: number): void {
    if (timer !== null) return
    timer = setTimeout(
      () => {
        timer = null
        pump()
      },
      Math.max(1, Math.min(tokensMs, leftMs, WAKE_MS_MAX)),
    )
  }

  return {
    take: (commands, turn) => {
      const queue = queues[turn]
      if (queue.length >= WAITING_MAX) return Promise.reject(refusal())
      return new Promise((resolve, reject) => {
        const until = performance.now() + (turn === 'first' ? waitMs : LATER_TIMES * waitMs)
        queue.push({ left: Math.max(1, commands), until, resolve, reject })
        pump()
      })
    },
  }
}

interface Waiting {
  left: number
  /** Monotonic milliseconds. */
  until: number
  resolve: () => void
  reject: (error: unknown) => void
}

const WAITING_MAX = 10_000
/** Runs wait so much longer: nobody waits for them. */
const LATER_TIMES = 5
/** Those behind the first may have less time left: they are told within this. */
const WAKE_MS_MAX = 50

type Queues = { [turn in 'first' | 'later']: Waiting[] }

function headOf({ first, later }: Queues): { queue: Waiting[]; waiting: Waiting } | null {
  const queue = first.length > 0 ? first : later
  const [waiting] = queue
  return waiting === undefined ? null : { queue, waiting }
}

/** Those of one queue wait equally long, so the late ones are at its head. */
function dropLate(queue: Waiting[], now: number): void {
  for (let [waiting] = queue; waiting !== undefined && waiting.until <= now; [waiting] = queue) {
    queue.shift()
    waiting.reject(refusal())
  }
}

function refusal(): Error {
  return notSent('throttled', 'the target', 1)
}
