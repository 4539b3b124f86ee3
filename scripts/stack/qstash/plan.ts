import { parseDurationMs } from './duration.js'
import { evaluateExpression } from './expression.js'
import type { DeliveryPlan, HeaderLists } from './model.js'
import { Refusal } from './refusal.js'

/** Header names in lower case. */
export type HeaderBag = { [name: string]: string }

/**
 * Reads how `url` is to be called from headers that begin with `prefix`: `upstash-` for a message,
 * `upstash-callback-` and `upstash-failure-callback-` for what reports on it.
 */
export function parsePlan(headers: HeaderBag, prefix: string, url: string): DeliveryPlan {
  const retryDelay = headers[`${prefix}retry-delay`] ?? null
  if (retryDelay !== null) checkExpression(retryDelay)
  return {
    url: parseDestination(url),
    method: parseMethod(headers[`${prefix}method`] ?? 'POST'),
    header: forwardedHeaders(headers, `${prefix}forward-`),
    maxRetries: parseRetries(headers[`${prefix}retries`]),
    retryDelay,
    timeoutMs: parseDuration(headers, `${prefix}timeout`),
    delayMs: parseDuration(headers, `${prefix}delay`) ?? 0,
  }
}

/** Checks a destination and keeps it letter for letter: the signature is bound to it. Loopback is allowed here. */
function parseDestination(url: string): string {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new Refusal(400, 'invalid destination url: it must begin with http:// or https:// (there are no URL groups)')
  }
  return url
}

function parseDuration(headers: HeaderBag, name: string): number | null {
  const text = headers[name]
  if (text === undefined) return null
  const duration = parseDurationMs(text)
  if (duration === null) throw new Refusal(400, `invalid ${name}: a duration such as 10s or 5m is expected`)
  return duration
}

function parseMethod(method: string): string {
  const upper = method.toUpperCase()
  if (!methods.has(upper)) throw new Refusal(400, 'invalid upstash-method')
  return upper
}

function parseRetries(text: string | undefined): number {
  if (text === undefined) return retriesDefault
  const retries = Number(text)
  if (!/^\d+$/.test(text) || retries > retriesMax) {
    throw new Refusal(400, `invalid retries: a whole number from 0 to ${retriesMax} is expected`)
  }
  return retries
}

function checkExpression(source: string): void {
  try {
    evaluateExpression(source, 0)
  } catch (error) {
    throw new Refusal(400, `invalid retry delay: ${error instanceof Error ? error.message : 'not an expression'}`)
  }
}

function forwardedHeaders(headers: HeaderBag, prefix: string): HeaderLists {
  const forwarded = Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix) && name.length > prefix.length)
    .map(([name, value]): [string, string[]] => [name.slice(prefix.length), [value]])
  return Object.fromEntries(forwarded)
}

const methods = new Set(['GET', 'POST', 'PUT', 'DELETE', 'PATCH'])
const retriesDefault = 3
const retriesMax = 100
