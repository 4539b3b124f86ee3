import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Blob, Blobs } from './blobs.js'

export interface Asked {
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
}

export interface Answer {
  status: number
  headers: { [name: string]: string }
  body: string | Buffer
}

/** The API half: one route for each call of the SDK, told apart by method and query. */
export function handleApi(asked: Asked, path: string, blobs: Blobs, token: string, readUrl: string): Answer {
  const { method, url, headers } = asked
  if (headers.authorization !== `Bearer ${token}`) return failure(403, 'forbidden', 'Access denied.')
  const root = path === '' || path === '/'
  const pathname = url.searchParams.get('pathname')
  if (method === 'PUT' && root && pathname !== null) return write(asked, pathname, blobs, readUrl)
  if (method === 'GET' && root && url.searchParams.has('url')) {
    const blob = blobs.get(pathnameOf(url.searchParams.get('url') ?? '', readUrl))
    return blob === undefined ? notFound() : answer(describe(blob, readUrl))
  }
  if (method === 'GET' && root) return list(url.searchParams, blobs, readUrl)
  if (method === 'POST' && path === '/delete') return remove(asked, blobs, readUrl)
  return failure(400, 'bad_request', 'This server does not know that call.')
}

export function failure(status: number, code: string, message: string): Answer {
  return { status, headers: jsonHeaders, body: JSON.stringify({ error: { code, message } }) }
}

export function notFound(): Answer {
  return failure(404, 'not_found', 'The requested blob does not exist')
}

const jsonHeaders = { 'content-type': 'application/json' }
const pageMax = 1000

function answer(value: object): Answer {
  return { status: 200, headers: jsonHeaders, body: JSON.stringify(value) }
}

/** Put, or copy when `fromUrl` says from where. */
function write(asked: Asked, wanted: string, blobs: Blobs, readUrl: string): Answer {
  const header = (name: string) => asked.headers[name]?.toString()
  if (header('x-vercel-blob-access') !== 'private') return failure(400, 'bad_request', 'This store is private.')
  const fromUrl = asked.url.searchParams.get('fromUrl')
  const from = fromUrl === null ? undefined : blobs.get(pathnameOf(fromUrl, readUrl))
  if (fromUrl !== null && from === undefined) return notFound()
  const pathname = header('x-add-random-suffix') === '1' ? withSuffix(wanted) : wanted
  const refused = refuse(blobs.get(pathname), header('x-if-match'), header('x-allow-overwrite') === '1')
  if (refused !== null) return refused
  const maxAge = header('x-cache-control-max-age') ?? '2592000'
  const blob = blobs.put({
    pathname,
    contentType: header('x-content-type') ?? from?.contentType ?? header('content-type') ?? 'application/octet-stream',
    cacheControl: `public, max-age=${maxAge}`,
    bytes: from?.bytes ?? asked.body,
  })
  return answer(describe(blob, readUrl))
}

function refuse(present: Blob | undefined, ifMatch: string | undefined, overwrite: boolean): Answer | null {
  if (ifMatch !== undefined) {
    if (present === undefined) return notFound()
    return present.etag === ifMatch ? null : preconditionFailed()
  }
  if (present === undefined || overwrite) return null
  const hint = 'use `allowOverwrite: true` if you want to overwrite it'
  return failure(
    400,
    'bad_request',
    `This blob already exists, ${hint}. Or \`addRandomSuffix: true\` for a unique name.`,
  )
}

function preconditionFailed(): Answer {
  return failure(412, 'precondition_failed', 'Precondition failed: ETag mismatch.')
}

/** Deleting what is absent succeeds, as in the real store, unless there is a condition. */
function remove(asked: Asked, blobs: Blobs, readUrl: string): Answer {
  const pathnames = urlsIn(asked.body).map((url) => pathnameOf(url, readUrl))
  const ifMatch = asked.headers['x-if-match']
  for (const pathname of ifMatch === undefined ? [] : pathnames) {
    const present = blobs.get(pathname)
    if (present === undefined) return notFound()
    if (present.etag !== ifMatch) return preconditionFailed()
  }
  for (const pathname of pathnames) blobs.delete(pathname)
  return answer({})
}

/** The cursor is the last pathname of the page before, so that a page is right whatever was written in between. */
function list(query: URLSearchParams, blobs: Blobs, readUrl: string): Answer {
  const prefix = query.get('prefix') ?? ''
  const limit = Math.min(Math.max(Number(query.get('limit') ?? pageMax) || pageMax, 1), pageMax)
  const after = Buffer.from(query.get('cursor') ?? '', 'base64url').toString()
  const names = blobs.names().filter((name) => name.startsWith(prefix) && (after === '' || name > after))
  const page = names.slice(0, limit).flatMap((name) => blobs.get(name) ?? [])
  const last = page.at(-1)
  const hasMore = names.length > page.length
  const cursor = hasMore && last !== undefined ? { cursor: Buffer.from(last.pathname).toString('base64url') } : {}
  return answer({ blobs: page.map((blob) => describe(blob, readUrl)), hasMore, ...cursor })
}

function describe(blob: Blob, readUrl: string) {
  const url = `${readUrl}/${blob.pathname.split('/').map(encodeURIComponent).join('/')}`
  const file = blob.pathname.slice(blob.pathname.lastIndexOf('/') + 1)
  return {
    url,
    downloadUrl: `${url}?download=1`,
    pathname: blob.pathname,
    size: blob.bytes.length,
    contentType: blob.contentType,
    contentDisposition: `inline; filename="${encodeURIComponent(file)}"`,
    cacheControl: blob.cacheControl,
    uploadedAt: blob.uploadedAt,
    etag: blob.etag,
  }
}

/** Calls name a blob by its pathname or by its URL. */
function pathnameOf(urlOrPathname: string, readUrl: string): string {
  if (!urlOrPathname.startsWith(`${readUrl}/`)) return urlOrPathname
  return decodeURIComponent(new URL(urlOrPathname).pathname.slice(new URL(readUrl).pathname.length + 1))
}

function urlsIn(body: Buffer): string[] {
  const value: unknown = JSON.parse(body.toString())
  const urls = typeof value === 'object' && value !== null && 'urls' in value ? value.urls : []
  return Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : []
}

function withSuffix(pathname: string): string {
  const dot = pathname.lastIndexOf('.')
  const at = dot > pathname.lastIndexOf('/') ? dot : pathname.length
  return `${pathname.slice(0, at)}-${randomBytes(15).toString('base64url')}${pathname.slice(at)}`
}
