import { CutoverError } from '../../core/error.js'
import type { DocumentStore } from '../../ports/document.js'
import { checkName, checkPrefix, checkText, isName } from './accepted.js'
import { readBlob, readOrigin, strongEtag } from './blob-reads.js'
import { blobSdk, type Called, type Sdk } from './blob-sdk.js'

export interface BlobOptions {
  /** `vercel_blob_rw_<storeId>_<secret>` */
  token: string
  /** Reads of public blobs come from a cache for up to a minute, so that only private ones can keep the promises. */
  access: 'private'
  /** Put before every name, such as `cutover/`. */
  prefix?: string
  /** Another address for the API than Vercel's. One for the whole process: see `blob-sdk.ts`. Needs `readUrl`. */
  apiUrl?: string
  /** Another origin for reads than the store's own. */
  readUrl?: string
  /** How long one call may take, with everything that the SDK does in it. Default 10,000 ms. */
  callMs?: number
}

/**
 * Documents in Vercel Blob, by the official SDK; the promises rest on the store's conditional writes.
 *
 * - A put with an ETag is `ifMatch`; a create is the SDK's default, which refuses to overwrite.
 * - Reads bypass the cache (`blob-reads.ts`); a 404 is believed only when the API confirms it.
 * - The ETag is the store's, a digest of the content: never the same for another text, but the same again for the same
 *   text. Put something unique (a revision) into every text and A, B, A cannot be mistaken for A.
 * - The SDK repeats a put whose answer was lost, and then the store answers "ETag mismatch" or "already exists" to a
 *   put that took effect. So such an answer is a conflict only when it is certain that the request was sent once;
 *   otherwise the put throws 'unavailable': its outcome is not known.
 *
 * What can go wrong: a conflict that took the store nearly a second is also thrown as 'unavailable', unless the SDK's
 * retries are turned off by `VERCEL_BLOB_RETRIES=0`, which is recommended.
 */
export function blobDocuments(options: BlobOptions): DocumentStore {
  const { token, access, prefix = '', callMs = 10_000 } = options
  checkPrefix(prefix)
  const origin = readOrigin(options)
  const label = prefix === '' ? 'blob' : `blob:${prefix}`
  const { call } = blobSdk({ apiUrl: options.apiUrl, callMs })
  const common = { token, access }

  async function has(name: string): Promise<{ etag: string } | null> {
    const { sdk, result } = await call((sdk, abortSignal) => sdk.head(prefix + name, { token, abortSignal }))
    if (result.kind === 'answered') return { etag: strongEtag(result.value.etag) }
    if (result.error instanceof sdk.BlobNotFoundError) return null
    throw unavailable(label, 'look for', name, result.error)
  }

  return {
    label,
    async get(name, knownEtag) {
      checkName(name)
      const isAbsent = async () => (await has(name)) === null
      return readBlob({ url: `${origin}/${prefix}${name}`, name, label, token, callMs, isAbsent }, knownEtag)
    },
    async put(name, text, { ifMatch }) {
      checkName(name)
      checkText(name, text)
      if (ifMatch === '') return { kind: 'conflict' }
      const condition = ifMatch === null ? { allowOverwrite: false } : { ifMatch }
      const contentType = name.endsWith('.json') ? 'application/json' : 'text/plain; charset=utf-8'
      const fixed = { ...common, ...condition, contentType, addRandomSuffix: false, cacheControlMaxAge: maxAgeSeconds }
      const { sdk, result } = await call((sdk, abortSignal) => sdk.put(prefix + name, text, { ...fixed, abortSignal }))
      if (result.kind === 'answered') return { kind: 'stored', etag: strongEtag(result.value.etag) }
      if (isRefusal(sdk, result, ifMatch)) return { kind: 'conflict' }
      throw unavailable(label, 'put', name, result.error)
    },
    async remove(name, { ifMatch }) {
      checkName(name)
      // The store may call the removal of an absent blob a success, so look first.
      if ((await has(name))?.etag !== ifMatch) return { kind: 'conflict' }
      const { sdk, result } = await call((sdk, abortSignal) => sdk.del(prefix + name, { token, ifMatch, abortSignal }))
      if (result.kind === 'answered') return { kind: 'removed' }
      if (isRefusal(sdk, result, ifMatch)) return { kind: 'conflict' }
      throw unavailable(label, 'remove', name, result.error)
    },
    async list(namePrefix) {
      checkPrefix(namePrefix)
      const names: string[] = []
      let cursor: string | undefined
      for (let page = 0; page < pagesMax; page += 1) {
        const from = { prefix: prefix + namePrefix, token, ...(cursor === undefined ? {} : { cursor }) }
        const { result } = await call((sdk, abortSignal) => sdk.list({ ...from, abortSignal }))
        if (result.kind === 'failed') throw unavailable(label, 'list', namePrefix, result.error)
        names.push(...result.value.blobs.map((blob) => blob.pathname.slice(prefix.length)))
        if (!result.value.hasMore) return names.filter(isName).sort()
        cursor = result.value.cursor
      }
      throw new CutoverError('too-large', `The list of ${label} has more than ${pagesMax} pages.`)
    },
  }
}

/** The least that the store accepts. Our reads bypass the cache anyway. */
const maxAgeSeconds = 60
const pagesMax = 1_000

/** Whether the store has certainly refused: its answer says so, and it is the answer to the only request. */
function isRefusal(sdk: Sdk, failed: Called<unknown> & { kind: 'failed' }, ifMatch: string | null): boolean {
  if (!failed.sentOnce) return false
  if (ifMatch === null) return failed.error instanceof sdk.BlobError && /already exists/.test(failed.error.message)
  return failed.error instanceof sdk.BlobPreconditionFailedError || failed.error instanceof sdk.BlobNotFoundError
}

function unavailable(label: string, verb: string, name: string, cause: unknown): CutoverError {
  return new CutoverError('unavailable', `The document store ${label} cannot ${verb} "${name}".`, {
    cause,
    details: { document: name },
  })
}
