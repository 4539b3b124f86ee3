import { CutoverError } from './error.js'
import { faultOfId } from './id.js'

/**
 * An opaque position in a listing: the id after which the next page begins. It holds across stages and stores, since
 * every store lists in the same order; it never expires. It is not a secret and grants nothing.
 */
export function encodeCursor(collection: string, after: string): string {
  const content = [CURSOR_FORM, collection, after]
  return toBase64Url(JSON.stringify([...content, checksum(JSON.stringify(content))]))
}

/** The id that `encodeCursor` was given. `invalid-input` for anything that it did not make for this collection. */
export function decodeCursor(collection: string, text: string): string {
  const after = text.length <= CURSOR_CHARS_MAX ? afterOf(text) : null
  if (after !== null && faultOfId(after) === null && encodeCursor(collection, after) === text) return after
  throw new CutoverError(
    'invalid-input',
    `The cursor is damaged or belongs to another listing than ${collection}. Begin again without a cursor.`,
  )
}

/** Raised when the content changes its meaning, so that earlier cursors are refused and not misread. */
const CURSOR_FORM = 1
/** Far above the longest id in its widest JSON spelling. */
const CURSOR_CHARS_MAX = 8192

/** What the text claims; `decodeCursor` believes it only if encoding it again gives the same text. */
function afterOf(text: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0))
    const content: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    const after: unknown = Array.isArray(content) ? content[2] : null
    return typeof after === 'string' ? after : null
  } catch {
    return null
  }
}

function toBase64Url(text: string): string {
  const binary = String.fromCharCode(...new TextEncoder().encode(text))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** FNV-1a: against damage in copying, not against forgery. */
function checksum(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash >>> 0
}
