import http from 'node:http'
import https from 'node:https'
import type { HeaderLists, Message } from './model.js'
import { signDelivery } from './signature.js'

export type AttemptResult =
  | { kind: 'answered'; status: number; header: HeaderLists; body: Buffer }
  /** No whole answer came: refused, reset or too late. */
  | { kind: 'failed'; error: string }
  /** The server is closing; the attempt tells nothing. */
  | { kind: 'aborted' }

/** Calls the destination once, signed with `signingKey`. Redirects are not followed. Never throws. */
export async function attemptDelivery(
  message: Message,
  options: { signingKey: string; timeoutMs: number; closing: AbortSignal },
): Promise<AttemptResult> {
  const late = AbortSignal.timeout(message.timeoutMs ?? options.timeoutMs)
  try {
    return await call(message, options.signingKey, AbortSignal.any([late, options.closing]))
  } catch (error) {
    if (options.closing.aborted) return { kind: 'aborted' }
    if (late.aborted) return { kind: 'failed', error: 'The destination did not answer in time.' }
    return { kind: 'failed', error: error instanceof Error ? error.message : 'The destination cannot be reached.' }
  }
}

function call(message: Message, signingKey: string, signal: AbortSignal): Promise<AttemptResult> {
  const body = Buffer.from(message.bodyBase64, 'base64')
  const client = message.url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const request = client.request(message.url, {
      method: message.method,
      headers: deliveryHeaders(message, body, signingKey),
      agent: false,
      signal,
    })
    request.on('error', reject)
    request.on('response', (response) => {
      const chunks: Buffer[] = []
      let size = 0
      response.on('data', (chunk: Buffer) => {
        if (size < responseBytesMax) chunks.push(chunk)
        size += chunk.length
      })
      response.on('error', reject)
      response.on('end', () => {
        const answer = Buffer.concat(chunks).subarray(0, responseBytesMax)
        resolve({ kind: 'answered', status: response.statusCode ?? 0, header: headerLists(response), body: answer })
      })
    })
    request.end(body)
  })
}

function deliveryHeaders(message: Message, body: Buffer, key: string): { [name: string]: string | string[] } {
  return {
    ...message.header,
    'User-Agent': 'Upstash-QStash',
    'Content-Length': String(body.length),
    'Upstash-Message-Id': message.messageId,
    'Upstash-Retried': String(message.retried),
    'Upstash-Caller-Ip': message.callerIp,
    'Upstash-Signature': signDelivery({ url: message.url, body, key, nowMs: Date.now() }),
    ...(message.scheduleId === null ? {} : { 'Upstash-Schedule-Id': message.scheduleId }),
  }
}

function headerLists(response: http.IncomingMessage): HeaderLists {
  const lists: HeaderLists = {}
  for (const [name, values] of Object.entries(response.headersDistinct)) lists[canonicalName(name)] = values ?? []
  return lists
}

/** `content-type` as `Content-Type`, the way callbacks and dead letters spell names. */
function canonicalName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase())
}

/** What is kept of an answer, for callbacks and dead letters. */
const responseBytesMax = 1_048_576
