import type { ReadRequest } from '../../core/checkpoint/request.js'
import { decodeCursor, encodeCursor } from '../../core/cursor.js'
import { CutoverError, type ErrorCode } from '../../core/error.js'
import { checkId } from '../../core/id.js'
import type { Json } from '../../core/json.js'
import { jsonBytes } from './json-bytes.js'
import type { OneSided } from './one-sided.js'

/**
 * What the data API would answer to a read if one store alone served it: the status, the error's code, the ETag, the
 * body. The surface itself cannot be asked, for it knows nothing of sides; a test holds this against it, request by
 * request. The ETag of a list, a digest of what the list shows, is not worked out: lists are compared themselves, and a
 * list's `If-None-Match` counts as not matching.
 */
export interface Answer {
  status: number
  /** Of a refusal. */
  code: ErrorCode | null
  etag: string | null
  body: Json
}

/** Throws what is nobody's answer: a store that cannot be asked. */
export async function answerOf(side: OneSided, collection: string, request: ReadRequest): Promise<Answer> {
  try {
    return request.path === '' ? await ofList(side, collection, request) : await ofRecord(side, collection, request)
  } catch (error) {
    const status = error instanceof CutoverError ? STATUS[error.code] : undefined
    if (!(error instanceof CutoverError) || status === undefined) throw error
    return { status, code: error.code, etag: null, body: null }
  }
}

/** Refusals that depend on the request and on what is stored; the same as the surface gives them. */
const STATUS: { [code in ErrorCode]?: number } = {
  'invalid-input': 400,
  'not-found': 404,
  'precondition-failed': 412,
  'corrupt-document': 500,
}

const LIMIT_DEFAULT = 50
const LIMIT_MAX = 200
const PAGE_BYTES_MAX = 4_000_000

async function ofRecord(side: OneSided, collection: string, request: ReadRequest): Promise<Answer> {
  const found = await side.get(checkId(decoded(request.path.slice(1))))
  if (found === null) throw new CutoverError('not-found', `${collection} holds no record with this id.`)
  const { ifMatch, ifNoneMatch } = request
  if (
    ifMatch !== undefined &&
    !tagsOf(ifMatch).some(({ weak, etag }) => etag === '*' || (!weak && etag === found.etag))
  )
    throw new CutoverError('precondition-failed', 'The record has another version than If-Match names.')
  const known = ifNoneMatch !== undefined && tagsOf(ifNoneMatch).some(({ etag }) => etag === '*' || etag === found.etag)
  if (known) return { status: 304, code: null, etag: found.etag, body: null }
  return { status: 200, code: null, etag: found.etag, body: found.value }
}

async function ofList(side: OneSided, collection: string, request: ReadRequest): Promise<Answer> {
  const limit = limitOf(request.limit)
  const after = request.cursor === undefined ? null : decodeCursor(collection, request.cursor)
  const { items, end } = await side.list(after, limit)
  const shown: { id: string; etag: string; value: Json }[] = []
  let bytes = 0
  for (const { id, etag, value } of items) {
    const item = { id, etag: `"${etag}"`, value }
    bytes += jsonBytes(item) + 1
    if (bytes > PAGE_BYTES_MAX && shown.length > 0) break
    shown.push(item)
  }
  const last = shown.at(-1)?.id
  const ended = last === undefined || (end && shown.length === items.length)
  const nextCursor = ended ? null : encodeCursor(collection, last)
  const any = request.ifNoneMatch !== undefined && tagsOf(request.ifNoneMatch).some(({ etag }) => etag === '*')
  if (any) return { status: 304, code: null, etag: null, body: null }
  return { status: 200, code: null, etag: null, body: { items: shown, nextCursor } }
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return LIMIT_DEFAULT
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= LIMIT_MAX) return limit
  throw new CutoverError('invalid-input', `limit is a whole number from 1 to ${LIMIT_MAX}.`)
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new CutoverError('invalid-input', 'The path is not percent-encoded UTF-8.')
  }
}

const TAGS_MAX = 100

/** A bare star stands for any version; no version can have a quoted one. */
function tagsOf(header: string): { weak: boolean; etag: string | null }[] {
  if (header.trim() === '*') return [{ weak: false, etag: '*' }]
  const parts = header.split(',', TAGS_MAX + 1)
  if (parts.length > TAGS_MAX) throw new CutoverError('invalid-input', `There are more than ${TAGS_MAX} tags.`)
  return parts.map((part) => {
    const [, weak, etag] = /^\s*(W\/)?"([\x21\x23-\x2b\x2d-\x7e]*)"\s*$/.exec(part) ?? []
    if (etag === undefined) throw new CutoverError('invalid-input', 'An ETag is text in double quotes.')
    return { weak: weak !== undefined, etag: etag === '*' ? null : etag }
  })
}
