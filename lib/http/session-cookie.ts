import { ROLES, type Role } from '../commands/command.js'
import { isEqual } from './authorize.js'

/**
 * The operators' session, wholly in one signed cookie: functions have no memory to keep it in.
 *
 *     1.<role>.<own name, base64url>.<begun, ms>.<expires, ms>.<nonce>.<HMAC-SHA-256, base64url>
 *
 * The key is derived from the token of that role. So the token is not in the cookie and cannot be reckoned from it,
 * and whoever replaces a token ends all its sessions. What cannot be ended from here is one session alone: signing out
 * removes the cookie from the browser, and a copy of it would live until it expires or the token is replaced.
 *
 * A session ends `IDLE_MS` after it was last renewed, and `ABSOLUTE_MS` after it began. Whatever is not exactly what
 * `sealSession` wrote is no session, and nothing is told of why.
 *
 * SameSite is Lax and not Strict: who follows a link in an alert at three in the morning must not meet a sign-in form.
 * Lax sends the cookie along with links from elsewhere, which read and change nothing; requests that change something
 * are refused unless they come from our own origin (same-origin.ts).
 */
export async function openSession(keys: SessionKeys, text: string, now: number): Promise<Session | null> {
  const parts = text.length <= TEXT_CHARS_MAX ? FORM.exec(text) : null
  const [, signed = '', roleText = '', name = '', begun = '', expires = '', nonce = '', signature = ''] = parts ?? []
  const role = ROLES.find((candidate) => candidate === roleText)
  const key = role === undefined ? null : keys(role)
  if (role === undefined || key === null) return null
  if (!isEqual(bytesOf(signature), bytesOf(await signatureOf(await key, signed)))) return null
  const session = { role, ownName: ownNameOf(name), begunAt: Number(begun), expiresAt: Number(expires), nonce }
  return isAlive(session, now) ? session : null
}

export async function sealSession(key: CryptoKey, session: Session): Promise<string> {
  const { role, ownName, begunAt, expiresAt, nonce } = session
  const signed = [VERSION, role, base64Url(bytesOf(ownName)), begunAt, expiresAt, nonce].join('.')
  return `${signed}.${await signatureOf(key, signed)}`
}

export interface Session {
  role: Role
  /** As the operator said it at the sign-in, for the audit trail; empty if nothing was said. */
  ownName: string
  begunAt: number
  expiresAt: number
  /** Tells two sessions apart that began in the same millisecond. */
  nonce: string
}

/** `null`: the role has no token. */
export type SessionKeys = (role: Role) => Promise<CryptoKey> | null

export const IDLE_MS = 12 * 3_600_000
export const ABSOLUTE_MS = 7 * 24 * 3_600_000
/** The clocks of two instances may be this far apart. */
const SKEW_MS = 60_000

const VERSION = '1'
const TEXT_CHARS_MAX = 1_024
const FORM = /^(1\.([a-z]{1,16})\.([\w-]{0,344})\.(\d{1,15})\.(\d{1,15})\.([\w-]{1,64}))\.([\w-]{43})$/

/** The end of a session that is used at `now`. */
export function expiryOf(begunAt: number, now: number): number {
  return Math.min(now + IDLE_MS, begunAt + ABSOLUTE_MS)
}

/** The limits are asked once more, so that a release with shorter ones ends what older ones began. */
function isAlive({ begunAt, expiresAt }: Session, now: number): boolean {
  return now < expiresAt && begunAt <= now + SKEW_MS && expiresAt <= expiryOf(begunAt, now + SKEW_MS)
}

/** Each role's key, derived once. A key is of no use for another role, version or purpose. */
export function sessionKeys(tokens: { readonly [role in Role]?: string | undefined }): SessionKeys {
  const derived = new Map<Role, Promise<CryptoKey>>()
  return (role) => {
    const token = tokens[role]
    if (token === undefined) return null
    const key = derived.get(role) ?? deriveKey(token, `cutover session ${VERSION} ${role}`)
    derived.set(role, key)
    return key
  }
}

async function deriveKey(token: string, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', bytesOf(token), 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: bytesOf(purpose) }
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
  return crypto.subtle.deriveKey(hkdf, material, hmac, false, ['sign'])
}

/** Signatures are compared as texts, so that the two bits that base64 leaves over cannot be changed either. */
async function signatureOf(key: CryptoKey, text: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.sign('HMAC', key, bytesOf(text))))
}

/** Of a text that was signed by us. */
function ownNameOf(text: string): string {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text)
}
