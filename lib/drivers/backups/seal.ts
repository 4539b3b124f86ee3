import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { CutoverError } from '../../core/error.js'

/**
 * Texts sealed with AES-256-GCM: the first line says so, the second names the key by a digest of it, the third holds
 * nonce, tag and text in base64. The name is authenticated along: a text cannot be put under another name.
 */
const MARK = 'cutover-sealed-1'
const NONCE_BYTES = 12
const TAG_BYTES = 16
const KEY_BYTES = 32

export interface Key {
  id: string
  bytes: Uint8Array
}

/** A key of 32 bytes in base64. What is wrong with another is said without repeating it. */
export function parseKey(text: string): Key | null {
  const bytes = new Uint8Array(Buffer.from(text, 'base64'))
  if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/]{43}=$/.test(text)) return null
  return { id: createHash('sha256').update('cutover key ').update(bytes).digest('hex').slice(0, 16), bytes }
}

export function seal(name: string, text: string, key: Key): string {
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce).setAAD(Buffer.from(name))
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return `${MARK}\n${key.id}\n${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64')}\n`
}

export function isSealed(text: string): boolean {
  return text.startsWith(`${MARK}\n`)
}

/** The text that was sealed under this name, with one of these keys. */
export function unseal(name: string, text: string, keys: readonly Key[]): string {
  const [, id = '', body = ''] = text.split('\n')
  const key = keys.find((candidate) => candidate.id === id)
  if (key === undefined)
    throw new CutoverError(
      'configuration',
      `The document ${name} is sealed with the key ${JSON.stringify(id.slice(0, 16))}, which CUTOVER_BACKUP_KEY does not hold.`,
    )
  const bytes = Buffer.from(body, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE_BYTES))
    decipher.setAAD(Buffer.from(name)).setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
    const opened = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
    return Buffer.concat([opened, decipher.final()]).toString('utf8')
  } catch (cause) {
    throw new CutoverError('corrupt-document', `The document ${name} was changed since it was sealed.`, { cause })
  }
}
