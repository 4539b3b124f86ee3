import type { AlertMessage } from '../core/alert.js'
import { CutoverError } from '../core/error.js'
import type { EngineContext } from '../engine/context.js'

/**
 * Alerts go to the operators' webhook as Standard Webhooks has it (spec 1.0.0): the id of the message, the time of the
 * attempt, and HMAC-SHA256 of `id.timestamp.body` under the secret, so that a receiver can tell who sent it, that
 * nobody changed it, and that it is not an old one played again. Without a secret nothing is signed. Whatever is no
 * 2xx is a failure, also a redirection: a message follows nobody to an address that was not configured.
 */
export function webhook(
  url: string | undefined,
  secret: string | undefined,
  clock: { now(): number },
): EngineContext['notify'] {
  if (url === undefined) return undefined
  return async (message) => {
    const body = JSON.stringify(bodyOf(message))
    const timestamp = String(Math.floor(clock.now() / 1000))
    const headers: { [name: string]: string } = {
      'content-type': 'application/json',
      'webhook-id': message.id,
      'webhook-timestamp': timestamp,
    }
    if (secret !== undefined)
      headers['webhook-signature'] = await signature(secret, `${message.id}.${timestamp}.${body}`)
    const signal = AbortSignal.timeout(WEBHOOK_MS)
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
    await response.body?.cancel()
    if (!response.ok) throw new CutoverError('unavailable', `The webhook answered with status ${response.status}.`)
  }
}

/** How a secret is written: a prefix, then base64. */
const SECRET_PREFIX = 'whsec_'

async function signature(secret: string, content: string): Promise<string> {
  const bytes = Buffer.from(secret.slice(SECRET_PREFIX.length), 'base64')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(content))
  return `v1,${Buffer.from(signed).toString('base64')}`
}

function bodyOf({ type, at, alert }: AlertMessage): object {
  return { type, timestamp: new Date(at).toISOString(), data: alert }
}

const WEBHOOK_MS = 5_000
