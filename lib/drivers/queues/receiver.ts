import type { Receiver } from '@upstash/qstash'
import { CutoverError } from '../../core/error.js'

/**
 * Whether a delivery was signed by QStash for this URL and this body, with the current or the next key.
 *
 * A forged one must not be acted on. A genuine one may still be a repetition: the signature is good for five minutes
 * and the queue delivers at least once. Throws `configuration` when a key is missing, for then nothing can be told.
 */
export async function verifyDelivery(delivery: SignedDelivery): Promise<DeliveryVerdict> {
  const { signature, body, url, currentSigningKey, nextSigningKey, clockToleranceSeconds = 0 } = delivery
  if (!currentSigningKey || !nextSigningKey) {
    throw new CutoverError('configuration', 'Both QStash signing keys are needed to check a delivery.')
  }
  if (!signature) return { kind: 'forged', reason: 'no-signature' }
  if (!SPELLING.test(signature)) return { kind: 'forged', reason: 'bad-signature' }
  sdk ??= import('@upstash/qstash')
  const { Receiver } = await sdk
  // The keys that were given are used, whatever QSTASH_DEV says.
  const receiver: Receiver = new Receiver({ currentSigningKey, nextSigningKey, devMode: false })
  try {
    await receiver.verify({ signature, body, url, clockTolerance: clockToleranceSeconds })
    return isRecent(signature, clockToleranceSeconds)
      ? { kind: 'genuine' }
      : { kind: 'forged', reason: 'bad-signature' }
  } catch (error) {
    return { kind: 'forged', reason: reasonOf(error) }
  }
}

export interface SignedDelivery {
  /** The `Upstash-Signature` header. */
  signature: string | null | undefined
  /** The raw body, before it is parsed. */
  body: string
  /** The public URL that QStash was asked to call, letter for letter, not what a proxy made of it. */
  url: string
  currentSigningKey: string
  nextSigningKey: string
  clockToleranceSeconds?: number
}

export type DeliveryVerdict = { kind: 'genuine' } | { kind: 'forged'; reason: ForgeryReason }

/** `bad-signature`: of another or an older key, expired, not yet valid, too old, or no token; the SDK tells no more. */
type ForgeryReason = 'no-signature' | 'bad-signature' | 'other-url' | 'other-body'

/**
 * Header, claims, and an HMAC with SHA-256 (32 bytes) in base64url, whose last character carries four bits. The SDK
 * also takes other HMACs and passes over characters that are not base64url; then one signature has many spellings, and
 * two headers joined by a comma can be one of them.
 */
const SPELLING = /^[\w-]+\.[\w-]+\.[\w-]{42}[AEIMQUYcgkosw048]$/

/** QStash signs each attempt anew, for five minutes. The SDK takes a token without an end, and one of any age. */
const AGE_SECONDS_MAX = 3_600

/** Of a token whose signature is good. */
function isRecent(signature: string, toleranceSeconds: number): boolean {
  const text = Buffer.from(signature.split('.')[1] ?? '', 'base64url').toString()
  const { iat, exp } = JSON.parse(text) as { iat?: unknown; exp?: unknown }
  if (typeof iat !== 'number' || typeof exp !== 'number') return false
  const ageSeconds = Date.now() / 1000 - iat
  return ageSeconds >= -toleranceSeconds && ageSeconds <= AGE_SECONDS_MAX
}

function reasonOf(error: unknown): ForgeryReason {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('invalid subject')) return 'other-url'
  if (message.startsWith('body hash')) return 'other-body'
  return 'bad-signature'
}

let sdk: Promise<typeof import('@upstash/qstash')> | undefined
