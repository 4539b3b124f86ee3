import { CutoverError } from './error.js'

/** Longest id, in UTF-8 bytes. */
export const ID_BYTES_MAX = 512

/**
 * Refuses an id that would not survive the trip through both stores and a URL: empty, too long, with control
 * characters or half a surrogate pair, or one that a URL or a JSON object takes for something else.
 */
export function checkId(id: string): string {
  const fault = faultOfId(id)
  if (fault === null) return id
  throw new CutoverError(
    'invalid-input',
    `The id ${fault}. Choose an id of 1 to ${ID_BYTES_MAX} bytes of visible text.`,
  )
}

export function faultOfId(id: string): string | null {
  if (ORDINARY.test(id)) return null
  if (id === '') return 'is empty'
  if (!id.isWellFormed()) return 'is not well-formed Unicode (half of a surrogate pair)'
  if (encoder.encode(id).length > ID_BYTES_MAX) return `is longer than ${ID_BYTES_MAX} bytes`
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(id)) return 'contains a control character'
  if (id === '.' || id === '..') return 'is a path step, which URLs drop'
  if (id === '__proto__' || id === '$cutover') return 'is a reserved name'
  return null
}

/** Ids that have none of the faults at first sight: ASCII, no longer than allowed, and not begun like a special name. */
const ORDINARY = /^[A-Za-z0-9][\x20-\x7e]{0,511}$/

/** Whether a record says to be the one kept under `id`: in documents from before cutover, ids may be numbers. */
export function isSameId(inside: unknown, id: string): boolean {
  return inside === id || (typeof inside === 'number' && String(inside) === id)
}

const encoder = new TextEncoder()

/** Order of ids in every listing: by Unicode code point, which is the byte order of UTF-8. */
export function compareIds(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left === right) continue
    // In UTF-16 a surrogate sorts below U+E000..U+FFFF although the code point it belongs to is higher.
    const leftHigh = left >= 0xd800 && left <= 0xdfff
    const rightHigh = right >= 0xd800 && right <= 0xdfff
    if (leftHigh !== rightHigh) return leftHigh ? 1 : -1
    return left - right
  }
  return a.length - b.length
}
