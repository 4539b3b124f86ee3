import type { Condition } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'

/** The strong entity tag of a version, as the ETag header and If-Match carry it. */
export function quoteEtag(etag: string): string {
  return `"${etag}"`
}

/**
 * The condition of a write. `precondition-failed` at once for tags that no version can have (weak ones, `"*"`);
 * `invalid-input` for what this API does not take: several tags in If-Match, tags in If-None-Match, both headers.
 */
export function writeCondition(headers: Headers): Condition | null {
  const ifMatch = headers.get('if-match')
  const ifNoneMatch = headers.get('if-none-match')
  if (ifMatch !== null && ifNoneMatch !== null) throw invalid('Send If-Match or If-None-Match, not both.')
  if (ifNoneMatch !== null) {
    if (ifNoneMatch.trim() !== '*') throw invalid('On writes If-None-Match takes only *, for a record that is absent.')
    return { kind: 'if-none-match' }
  }
  if (ifMatch === null) return null
  const tags = parseTags(ifMatch, 'If-Match')
  if (tags === '*') return { kind: 'if-match', etag: '*' }
  const [tag, ...others] = tags
  if (tag === undefined || others.length > 0) throw invalid('If-Match takes one ETag or *.')
  // The data plane takes a bare * for "any version", so a quoted one must not reach it.
  if (tag.weak || tag.etag === '*') {
    throw new CutoverError('precondition-failed', 'If-Match holds a tag that no version of a record can have.')
  }
  return { kind: 'if-match', etag: tag.etag }
}

/** Has the reader this version already? Weak comparison, as RFC 9110 asks for If-None-Match. */
export function isNotModified(headers: Headers, etag: string): boolean {
  const ifNoneMatch = headers.get('if-none-match')
  if (ifNoneMatch === null) return false
  const tags = parseTags(ifNoneMatch, 'If-None-Match')
  return tags === '*' || tags.some((tag) => tag.etag === etag)
}

/** If-Match on a read: `precondition-failed` unless one of the tags is the version's. */
export function checkReadCondition(headers: Headers, etag: string): void {
  const ifMatch = headers.get('if-match')
  if (ifMatch === null) return
  const tags = parseTags(ifMatch, 'If-Match')
  if (tags === '*' || tags.some((tag) => !tag.weak && tag.etag === etag)) return
  throw new CutoverError('precondition-failed', 'The record has another version than If-Match names.')
}

/** Entity tags in one header. */
const TAGS_MAX = 100

function parseTags(header: string, name: string): '*' | { weak: boolean; etag: string }[] {
  if (header.trim() === '*') return '*'
  const parts = header.split(',', TAGS_MAX + 1)
  if (parts.length > TAGS_MAX) throw invalid(`${name} holds more than ${TAGS_MAX} tags.`)
  return parts.map((part) => {
    const [, weak, etag] = /^\s*(W\/)?"([\x21\x23-\x2b\x2d-\x7e]*)"\s*$/.exec(part) ?? []
    if (etag === undefined) throw invalid(`${name} is * or ETags in double quotes, as the ETag header gave them.`)
    return { weak: weak !== undefined, etag }
  })
}

function invalid(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
