import { createHash, createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { signDelivery } from '../../scripts/stack/qstash/signature.js'
import { PUBLIC_URL, SECRETS } from './authorization-world.js'

/** What the queue signs, and what somebody makes of it who has no key, or a key and a grudge. */
export const URL_RUN = `${PUBLIC_URL}/api/jobs/run`
export const URL_TICK = `${PUBLIC_URL}/api/jobs/tick`
export const BODY = '{"runId":"r1","step":1}'

export function genuine(given: { url?: string; body?: string; key?: string; ageSeconds?: number } = {}): string {
  const { url = URL_RUN, body = BODY, key = SECRETS.currentKey, ageSeconds = 0 } = given
  return signDelivery({ url, body: Buffer.from(body), key, nowMs: Date.now() - ageSeconds * 1000 })
}

export interface Claims {
  [claim: string]: unknown
}

/** The claims of a delivery, some of them otherwise; `undefined` leaves one out. */
export function claimsWith(change: Claims = {}): Claims {
  const now = Math.floor(Date.now() / 1000)
  const body = `${createHash('sha256').update(BODY).digest('base64url')}=`
  return { iss: 'Upstash', sub: URL_RUN, iat: now, nbf: now, exp: now + 300, jti: 'jwt_1', body, ...change }
}

export const HEADER = { alg: 'HS256', typ: 'JWT' }

/** A token of any header and claims, signed as `HS256` with `key` whatever the header says. */
export function forged(header: object | string, claims: object | string, key: string | Buffer = SECRETS.currentKey) {
  const unsigned = `${encode(header)}.${encode(claims)}`
  return `${unsigned}.${createHmac('sha256', key).update(unsigned).digest('base64url')}`
}

export function signedAs(algorithm: 'sha384' | 'sha512', header: object, claims: object): string {
  const unsigned = `${encode(header)}.${encode(claims)}`
  return `${unsigned}.${createHmac(algorithm, SECRETS.currentKey).update(unsigned).digest('base64url')}`
}

/** The attacker's own key pair, and a token signed with it that shows where its public half is. */
export function signedByStranger(): string {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const unsigned = `${encode({ alg: 'RS256', typ: 'JWT', jwk: publicKey.export({ format: 'jwk' }) })}.${encode(claimsWith())}`
  return `${unsigned}.${sign('sha256', Buffer.from(unsigned), privateKey).toString('base64url')}`
}

export function encode(part: object | string): string {
  return Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url')
}

/** The same token without, or with another, third part. */
export function withSignature(token: string, signature: string): string {
  return `${token.slice(0, token.lastIndexOf('.') + 1)}${signature}`
}
