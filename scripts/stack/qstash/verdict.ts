import type { AttemptResult } from './attempt.js'
import { parseDurationMs } from './duration.js'
import { evaluateExpression } from './expression.js'
import type { HeaderLists, Message } from './model.js'

export type Verdict =
  | { kind: 'delivered' }
  | { kind: 'retry'; waitMs: number }
  | { kind: 'dead'; reason: 'retries-exhausted' | 'not-retryable' }

/** What follows from an attempt. `waitMs` is unscaled and at most a day. */
export function judge(result: Exclude<AttemptResult, { kind: 'aborted' }>, message: Message, now: number): Verdict {
  if (result.kind === 'answered') {
    if (result.status >= 200 && result.status < 300) return { kind: 'delivered' }
    const forbidsRetry = result.header['Upstash-Nonretryable-Error']?.[0] === 'true'
    if (result.status === notRetryableStatus && forbidsRetry) return { kind: 'dead', reason: 'not-retryable' }
  }
  if (message.retried >= message.maxRetries) return { kind: 'dead', reason: 'retries-exhausted' }
  const asked = result.kind === 'answered' ? askedWaitMs(result.header, now) : null
  const waitMs = asked ?? plannedWaitMs(message)
  return { kind: 'retry', waitMs: Math.min(Math.max(waitMs, 0), waitMsMax) }
}

/** The sender's own expression, or e^(2.5 n) seconds before the n-th retry: 12 s, 2 m 28 s, 30 m 8 s, 6 h 7 m, a day. */
function plannedWaitMs(message: Message): number {
  if (message.retryDelay === null) return Math.exp(2.5 * (message.retried + 1)) * 1000
  return evaluateExpression(message.retryDelay, message.retried)
}

/** What the destination asked for, in seconds, as a date or as a duration. */
function askedWaitMs(header: HeaderLists, now: number): number | null {
  for (const name of waitHeaders) {
    const text = header[name]?.[0]
    if (text === undefined) continue
    const seconds = Number(text)
    if (text !== '' && Number.isFinite(seconds))
      return seconds > epochSecondsMin ? seconds * 1000 - now : seconds * 1000
    const duration = parseDurationMs(text)
    if (duration !== null) return duration
    const date = Date.parse(text)
    if (!Number.isNaN(date)) return date - now
  }
  return null
}

const notRetryableStatus = 489
const waitMsMax = 86_400_000
const waitHeaders = ['Retry-After', 'X-Ratelimit-Reset', 'X-Ratelimit-Reset-Requests', 'X-Ratelimit-Reset-Tokens']
/** A number above this is a moment (unix seconds), not a wait. */
const epochSecondsMin = 1_000_000_000
