import type { Json } from '../json.js'
import { SHOWN_CHARS_MAX } from './diff.js'
import { REDACTED } from './redaction.js'

/**
 * What a value is, without what it says: its type and its size. It takes values as differences are kept, where long
 * ones are cut already and say so. Neither a digest nor a number's size is told: of few possible values either would
 * tell which one it is.
 */
export function outlineOf(value: Json): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return ofText(value)
  if (typeof value !== 'object') return typeof value
  return Array.isArray(value) ? `list of ${value.length}` : `object of ${Object.keys(value).length}`
}

function ofText(text: string): string {
  if (text === REDACTED) return 'hidden'
  const [, kind, size] = /^\[(array|object) of (\d+)\]$/.exec(text) ?? []
  if (kind !== undefined) return `${kind === 'array' ? 'list' : 'object'} of ${size}`
  if (text.length > SHOWN_CHARS_MAX) return `text of over ${SHOWN_CHARS_MAX.toLocaleString('en-US')} characters`
  return `text of ${text.length} ${text.length === 1 ? 'character' : 'characters'}`
}
