import { CutoverError } from '../../core/error.js'

/**
 * Texts sealed with AES-256-GCM: the first line says so, the second names the key by a digest of it, the third holds
 * nonce, text and tag in base64. The name is authenticated along: a text cannot be put under another name.
 */
const MARK = 'cutover-sealed-1'
const NONCE_BYTES = 12
const KEY_BYTES = 32
const KEY_ID_CHARS = 16
const ALGORITHM = 'AES-GCM'

export interface Key {
  id: string
  key: CryptoKey
}

type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()

/** SHA-256 of the text in UTF-8, 64 hexadecimal digits. */
export async function digestOf(text: string): Promise<string> {
  return hex(await sha256(encoder.encode(text)))
}

/** The bytes of a key in base64; `null`: it is none. */
export function keyBytes(text: string): Bytes | null {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) return null
  const bytes = fromBase64(text)
  return bytes.length === KEY_BYTES ? bytes : null
}

export async function importKey(bytes: Bytes): Promise<Key> {
  const id = hex(await sha256(concat(encoder.encode('cutover key '), bytes))).slice(0, KEY_ID_CHARS)
  return { id, key: await crypto.subtle.importKey('raw', bytes, ALGORITHM, false, ['encrypt', 'decrypt']) }
}

export async function seal(name: string, text: string, { id, key }: Key): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES))
  const sealed = await crypto.subtle.encrypt(parameters(name, iv), key, encoder.encode(text))
  return `${MARK}\n${id}\n${toBase64(concat(iv, new Uint8Array(sealed)))}\n`
}

export function isSealed(text: string): boolean {
  return text.startsWith(`${MARK}\n`)
}

/** The text that was sealed under this name, with one of these keys. */
export async function unseal(name: string, text: string, keys: readonly Key[]): Promise<string> {
  const [, id = '', body = ''] = text.split('\n')
  const held = keys.find((candidate) => candidate.id === id)
  if (held === undefined) {
    const shown = JSON.stringify(id.slice(0, KEY_ID_CHARS))
    const message = `The document ${name} is sealed with the key ${shown}, which CUTOVER_BACKUP_KEY does not hold.`
    throw new CutoverError('configuration', message)
  }
  try {
    const bytes = fromBase64(body)
    const iv = bytes.slice(0, NONCE_BYTES)
    const opened = await crypto.subtle.decrypt(parameters(name, iv), held.key, bytes.slice(NONCE_BYTES))
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(opened)
  } catch (cause) {
    throw new CutoverError('corrupt-document', `The document ${name} was changed since it was sealed.`, { cause })
  }
}

function parameters(name: string, iv: Bytes): AesGcmParams {
  return { name: ALGORITHM, iv, additionalData: encoder.encode(name) }
}

async function sha256(bytes: Bytes): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

function concat(left: Uint8Array, right: Uint8Array): Bytes {
  const both = new Uint8Array(left.length + right.length)
  both.set(left)
  both.set(right, left.length)
  return both
}

/** A call takes only so many arguments. */
const CHUNK = 8_192

function toBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK))
  return btoa(text)
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0))
}
