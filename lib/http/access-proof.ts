import { isJsonObject } from '../core/json.js'

/**
 * What Vercel's toolbar shows that it holds FLAGS_SECRET: a JSON Web Encryption (RFC 7516, compact form, key agreed
 * beforehand, AES-256-GCM) whose claims say that it is a proof, and until when. Whatever is not exactly that is none;
 * nothing is told of why.
 */
export async function isAccessProof(token: string, secret: string, now: number): Promise<boolean> {
  const parts = token.split('.')
  const none = new Uint8Array()
  const [header = none, encryptedKey = none, iv = none, text = none, tag = none] = parts.slice(0, 5).map(bytesOf)
  if (parts.length !== 5 || token.length > TOKEN_CHARS_MAX || encryptedKey.length !== 0) return false
  if (iv.length !== IV_BYTES || tag.length !== TAG_BYTES || !isExpectedHeader(jsonOf(header))) return false
  const claims = await decrypted({ iv, text, tag, protectedText: parts[0] ?? '' }, bytesOf(secret))
  if (!isJsonObject(claims)) return false
  const { pur, exp, nbf } = claims
  const isProof = Array.isArray(pur) ? pur.includes('proof') : pur === 'proof'
  const seconds = now / 1_000
  return isProof && typeof exp === 'number' && exp > seconds && (nbf === undefined || Number(nbf) <= seconds)
}

const TOKEN_CHARS_MAX = 4_096
const IV_BYTES = 12
const TAG_BYTES = 16

type Bytes = Uint8Array<ArrayBuffer>

/** No other algorithm, and no extension that would have to be understood. */
function isExpectedHeader(header: unknown): boolean {
  if (!isJsonObject(header)) return false
  return header.alg === 'dir' && header.enc === 'A256GCM' && header.crit === undefined && header.zip === undefined
}

async function decrypted(
  sealed: { iv: Bytes; text: Bytes; tag: Bytes; protectedText: string },
  secret: Bytes,
): Promise<unknown> {
  const key = await crypto.subtle.importKey('raw', secret, 'AES-GCM', false, ['decrypt'])
  const additionalData = new TextEncoder().encode(sealed.protectedText)
  const data = new Uint8Array([...sealed.text, ...sealed.tag])
  try {
    const plain = await crypto.subtle.decrypt({ name: 'AES-GCM', iv: sealed.iv, additionalData }, key, data)
    return jsonOf(new Uint8Array(plain))
  } catch {
    return null // not sealed with our secret
  }
}

function jsonOf(bytes: Bytes): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}

/** Of base64url; empty for what is none. */
function bytesOf(text: string): Bytes {
  if (!/^[\w-]*$/.test(text)) return new Uint8Array()
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}
