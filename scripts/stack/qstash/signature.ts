import { createHash, createHmac } from 'node:crypto'
import { freshId } from './random.js'

/** The JWT that the official `Receiver` accepts: bound to the destination, the body and five minutes from now. */
export function signDelivery(input: { url: string; body: Buffer; key: string; nowMs: number }): string {
  const issuedAt = Math.floor(input.nowMs / 1000)
  const claims = {
    iss: 'Upstash',
    sub: input.url,
    exp: issuedAt + lifetimeSeconds,
    nbf: issuedAt,
    iat: issuedAt,
    jti: freshId('jwt'),
    body: `${createHash('sha256').update(input.body).digest('base64url')}=`,
  }
  const unsigned = `${encodePart({ alg: 'HS256', typ: 'JWT' })}.${encodePart(claims)}`
  return `${unsigned}.${createHmac('sha256', input.key).update(unsigned).digest('base64url')}`
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

const lifetimeSeconds = 300
