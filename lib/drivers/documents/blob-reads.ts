import { CutoverError } from '../../core/error.js'
import type { StoredDocument } from '../../ports/document.js'
import { decodeText } from './accepted.js'

export interface BlobRead {
  url: string
  name: string
  label: string
  token: string
  callMs: number
  /** Asks the API, which has no cache, whether there is no such blob. */
  isAbsent: () => Promise<boolean>
}

/**
 * Reads a private blob past the cache: the request that the SDK's `get` makes with `useCache: false`, which cannot be
 * pointed at another origin.
 *
 * - `cache=0` makes the read consistent: it answers the last write that was acknowledged.
 * - No compression is accepted, because a compressed answer carries a weak ETag, which no condition matches.
 * - A 404 may also come from an edge that does not know the store, so absence is asked of the API; if the API has the
 *   blob (it was created meanwhile), the read is done again.
 */
export async function readBlob(read: BlobRead, knownEtag?: string): Promise<StoredDocument | 'unchanged' | null> {
  const deadline = AbortSignal.timeout(read.callMs)
  let fault: unknown = 'the read and the API contradict each other'
  for (let attempt = 0; attempt < attemptsMax && !deadline.aborted; attempt += 1) {
    try {
      const response = await request(read, knownEtag, deadline)
      if (response.status === 404) {
        await response.body?.cancel()
        if (await read.isAbsent()) return null
        continue
      }
      if (response.status === 304 && knownEtag !== undefined) return 'unchanged'
      const etag = response.headers.get('etag')
      if (response.status === 200 && etag !== null) {
        const text = decodeText(read.name, read.label, await response.arrayBuffer())
        return { etag: strongEtag(etag), text }
      }
      await response.body?.cancel()
      fault = `status ${response.status}`
      if (response.status < 500) break
    } catch (error) {
      if (error instanceof CutoverError) throw error
      fault = error
    }
  }
  const why = typeof fault === 'string' ? ` (${fault})` : ''
  throw new CutoverError('unavailable', `The document store ${read.label} cannot read "${read.name}"${why}.`, {
    cause: fault,
    details: { document: read.name },
  })
}

/** Where private blobs are read: the SDK's own origin unless told otherwise. */
export function readOrigin(options: { token: string; apiUrl?: string; readUrl?: string }): string {
  if (options.readUrl !== undefined) return options.readUrl.replace(/\/$/, '')
  if (options.apiUrl !== undefined) {
    throw new CutoverError('configuration', 'A Blob API address of your own needs a read address (readUrl) as well.')
  }
  const storeId = options.token.split('_')[3]
  if (storeId === undefined || !/^[A-Za-z0-9]+$/.test(storeId)) {
    throw new CutoverError('configuration', 'BLOB_READ_WRITE_TOKEN is not of the form vercel_blob_rw_<store>_<secret>.')
  }
  return `https://${storeId}.private.blob.vercel-storage.com`
}

/** An ETag as conditions need it. */
export function strongEtag(etag: string): string {
  return etag.replace(/^W\//, '')
}

/** A connection that went stale while the function was frozen fails once; a read may be repeated at will. */
const attemptsMax = 3

function request(read: BlobRead, knownEtag: string | undefined, signal: AbortSignal): Promise<Response> {
  const headers = { authorization: `Bearer ${read.token}`, 'accept-encoding': 'identity' }
  return fetch(`${read.url}?cache=0`, {
    headers: knownEtag === undefined ? headers : { ...headers, 'if-none-match': knownEtag },
    cache: 'no-store',
    redirect: 'error',
    signal,
  })
}
