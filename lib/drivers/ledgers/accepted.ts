import { CutoverError } from '../../core/error.js'
import { type Change, type Entry, LOOKS_MAX, type Look } from '../../ports/ledger.js'

/** What every ledger driver accepts, so that no ledger can be given what another would refuse. */
export function checkCommit(changes: readonly Change[], entries: readonly Entry[]): void {
  if (changes.length > CHANGES_MAX || entries.length > ENTRIES_MAX)
    throw new CutoverError(
      'too-large',
      `A commit takes at most ${CHANGES_MAX} changes and ${ENTRIES_MAX} entries; split it.`,
    )
  const keys = changes.map(({ key }) => checkKey(key))
  if (new Set(keys).size < keys.length) throw invalid('A commit changes a document at most once.')
  for (const { stream, keep } of entries) {
    checkKey(stream)
    if (keep !== undefined && !(Number.isSafeInteger(keep) && keep >= 1)) throw invalid('`keep` is an integer above 0.')
  }
}

/** Refuses a key (or the name of a stream) outside the form that `Change.key` describes. */
export function checkKey(key: string): string {
  const slash = key.indexOf('/')
  const root = slash < 0 ? null : key.slice(0, slash)
  if (key === '' || !isText(key) || (root !== null && !/^[a-z0-9-]+$/.test(root)))
    throw invalid(`A ledger key is [a-z0-9-] segments joined by "/", the last of visible text, ${KEY_BYTES_MAX} bytes.`)
  return key
}

export function checkList(prefix: string, after: string | null, limit: number): void {
  if (!isText(prefix) || !isText(after ?? '')) throw invalid('A prefix and a cursor are parts of ledger keys.')
  checkLimit(limit, LIST_MAX)
}

export function checkRange(stream: string, position: string | null, limit: number): void {
  checkKey(stream)
  if (position !== null && !POSITION.test(position)) throw invalid('A position is one that an entry was given.')
  checkLimit(limit, PAGE_ENTRIES_MAX)
}

export function checkLooks(asked: readonly Look[]): void {
  if (asked.length > LOOKS_MAX) throw new CutoverError('too-large', `A look takes at most ${LOOKS_MAX}; split it.`)
  for (const look of asked) {
    if (look.kind === 'read') checkKey(look.key)
    else if (look.kind === 'list') checkList(look.prefix, look.after, look.limit)
    else checkKey(look.stream)
  }
}

/** The highest position that an entry of a commit can have. */
export function lastOf(commit: number | string): string {
  return `${commit}-${POSITION_IN_COMMIT_MAX}`
}

/** Bytes of values that one answer of `list` or `entries` holds at most, unless the first alone is larger. */
export const ANSWER_BYTES_MAX = 4 * 1024 * 1024

const CHANGES_MAX = 200
const ENTRIES_MAX = 200
const LIST_MAX = 200
const PAGE_ENTRIES_MAX = 500
const KEY_BYTES_MAX = 1024
const POSITION_IN_COMMIT_MAX = 9_999
const POSITION = /^\d{1,16}-\d{1,4}$/
const encoder = new TextEncoder()

function isText(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return part.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(part) && encoder.encode(part).length <= KEY_BYTES_MAX
}

function checkLimit(limit: number, most: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > most) throw invalid(`The limit is 1 to ${most}.`)
}

function invalid(message: string): CutoverError {
  return new CutoverError('invalid-input', message)
}
