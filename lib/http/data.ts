import { type Context, Hono } from 'hono'
import type { CollectionSchemas } from '../commands/records/check.js'
import type { RequestRecorder } from '../core/checkpoint/request.js'
import { decodeCursor, encodeCursor } from '../core/cursor.js'
import type { DataPlane, ListOutcome } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { checkId } from '../core/id.js'
import { sightingOf } from '../core/session.js'
import type { Clock } from '../ports/clock.js'
import { writeRecord } from './data-write.js'
import { sha256Base64Url } from './digest.js'
import { pathSegments } from './path.js'
import { checkReadCondition, isNotModified, quoteEtag } from './preconditions.js'
import { recording } from './recording.js'
import { sendRecord, showServed } from './served.js'
import { acceptedOf, showRecalled, showSession } from './session.js'

/**
 * The records under `/api/v1`, for the application's own clients. Only Web APIs, and nothing of the control plane, so
 * that it can be deployed alone and near the callers. Errors are thrown; the app that mounts this turns them into
 * problem documents.
 */
export function dataRoutes(parts: DataParts): Hono {
  const app = new Hono()
  if (parts.recorder !== undefined) app.use('/api/v1/*', recording(parts.recorder, parts.dataPlane.collections))
  app.get('/api/v1/:collection', (c) => listRecords(c, parts))
  app.get('/api/v1/:collection/:id', (c) => readRecord(c, parts))
  app.on(['PUT', 'PATCH', 'DELETE'], '/api/v1/:collection/:id', async (c) => {
    await parts.authorize(c.req.raw, 'write')
    return writeRecord(c, parts, addressOf(c, parts))
  })
  return app
}

export interface DataParts {
  dataPlane: DataPlane
  /** Throws `unauthenticated` or `forbidden`. */
  authorize: (request: Request, access: 'read' | 'write') => Promise<void>
  /** Asked for when the first record is to be judged: what they are made with is no part of a cold start. */
  schemas: () => Promise<CollectionSchemas>
  /** Takes some of the requests, for checkpoints; absent: none. */
  recorder?: RequestRecorder
  limits?: DataLimits
  clock: Pick<Clock, 'now' | 'id'>
}

export interface DataLimits {
  /** Largest body and largest record as JSON, in bytes. */
  recordBytesMax?: number
  /** A page ends early rather than grow beyond this, in bytes; it always holds one record. */
  pageBytesMax?: number
}

export const PAGE_ITEMS_MAX = 200
export const PAGE_ITEMS_DEFAULT = 50
/** Vercel cuts responses off at 4.5 MB. */
const PAGE_BYTES_MAX = 4_000_000

async function readRecord(c: Context, parts: DataParts): Promise<Response> {
  await parts.authorize(c.req.raw, 'read')
  const { collection, id } = addressOf(c, parts)
  const { session, accepted } = acceptedOf(c.req.raw.headers)
  const kept = accepted === null ? null : (parts.dataPlane.recall?.(collection, id, accepted) ?? null)
  const outcome = kept ?? (await parts.dataPlane.get(collection, id))
  showServed(c, outcome)
  if (kept !== null) showRecalled(c, kept)
  showSession(c, session, [sightingOf(collection, id, outcome)])
  if (outcome.kind === 'absent') throw new CutoverError('not-found', `${collection} holds no record with this id.`)
  const { headers } = c.req.raw
  checkReadCondition(headers, outcome.etag)
  if (!isNotModified(headers, outcome.etag)) return sendRecord(c, outcome.value, outcome.etag, 200)
  c.header('ETag', quoteEtag(outcome.etag))
  return c.body(null, 304)
}

async function listRecords(c: Context, parts: DataParts): Promise<Response> {
  await parts.authorize(c.req.raw, 'read')
  const { collection } = addressOf(c, parts)
  const limit = pageLimit(c.req.query('limit'))
  const cursor = c.req.query('cursor')
  const after = cursor === undefined ? null : decodeCursor(collection, cursor)
  const { session } = acceptedOf(c.req.raw.headers)
  const outcome = await parts.dataPlane.list(collection, after, limit)
  showServed(c, outcome)

  const { items, last } = withinBytes(outcome, parts.limits?.pageBytesMax ?? PAGE_BYTES_MAX)
  if (last === null && !outcome.end) throw new CutoverError('internal', 'An empty page that is not the last was made.')
  const seen = outcome.items.slice(0, items.length)
  showSession(
    c,
    session,
    seen.map(({ id, etag }) => sightingOf(collection, id, { epoch: outcome.epoch, etag })),
  )
  const ended = last === null || (outcome.end && items.length === outcome.items.length)
  const nextCursor = ended ? null : encodeCursor(collection, last)
  const shown = seen.map(({ id, etag }) => [id, etag])
  const etag = await sha256Base64Url(JSON.stringify([shown, nextCursor]))
  c.header('ETag', quoteEtag(etag))
  if (isNotModified(c.req.raw.headers, etag)) return c.body(null, 304)
  c.header('Content-Type', 'application/json')
  return c.body(`{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(nextCursor)}}`)
}

/** The items as JSON texts, as many as fit. */
function withinBytes(outcome: ListOutcome, bytesMax: number): { items: string[]; last: string | null } {
  const items: string[] = []
  let last: string | null = null
  let bytes = 0
  for (const { id, etag, value } of outcome.items) {
    const text = JSON.stringify({ id, etag: quoteEtag(etag), value })
    bytes += new TextEncoder().encode(text).byteLength + 1
    if (bytes > bytesMax && last !== null) break
    items.push(text)
    last = id
  }
  return { items, last }
}

/** Collection and id from the path `/api/v1/{collection}/{id}`; the id is empty where the path has none. */
function addressOf(c: Context, parts: DataParts): { collection: string; id: string } {
  const [, , collection = '', id] = pathSegments(c.req.raw)
  if (!parts.dataPlane.collections.includes(collection)) {
    throw new CutoverError(
      'not-found',
      `There is no such collection. There are: ${parts.dataPlane.collections.join(', ')}.`,
    )
  }
  return { collection, id: id === undefined ? '' : checkId(id) }
}

function pageLimit(text: string | undefined): number {
  if (text === undefined) return PAGE_ITEMS_DEFAULT
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= PAGE_ITEMS_MAX) return limit
  throw new CutoverError('invalid-input', `limit is a whole number from 1 to ${PAGE_ITEMS_MAX}.`)
}
