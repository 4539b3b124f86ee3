import { type Answer, type Asked, failure, notFound } from './api.js'
import type { Blobs } from './blobs.js'

/**
 * The reading half: `GET {readUrl}/<pathname>?cache=0` with the bearer token of the private store. As in the real
 * store, a reader that accepts compression is given a weak ETag (here without the compression itself).
 */
export function handleRead(asked: Asked, pathname: string, blobs: Blobs, token: string): Answer {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return failure(405, 'bad_request', 'Blobs are only read here.')
  if (asked.headers.authorization !== `Bearer ${token}`) return failure(403, 'forbidden', 'Access denied.')
  const blob = blobs.get(pathname)
  if (blob === undefined) return notFound()
  const compressible = /\b(gzip|br|zstd|deflate)\b/.test(asked.headers['accept-encoding']?.toString() ?? '')
  const headers = {
    etag: compressible ? `W/${blob.etag}` : blob.etag,
    'last-modified': new Date(blob.uploadedAt).toUTCString(),
    'cache-control': asked.url.searchParams.get('cache') === '0' ? 'private, no-store' : blob.cacheControl,
  }
  if (asked.headers['if-none-match']?.replace(/^W\//, '') === blob.etag) return { status: 304, headers, body: '' }
  const length = { 'content-type': blob.contentType, 'content-length': String(blob.bytes.length) }
  return { status: 200, headers: { ...headers, ...length }, body: asked.method === 'HEAD' ? '' : blob.bytes }
}
