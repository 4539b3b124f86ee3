import { CutoverError } from '../../core/error.js'

export type Sdk = typeof import('@vercel/blob')

export type Called<T> =
  | { kind: 'answered'; value: T }
  /** `sentOnce` is true only if it is certain that the SDK has sent the request no more than once. */
  | { kind: 'failed'; error: unknown; sentOnce: boolean }

/**
 * Calls into `@vercel/blob`, loaded when first needed.
 *
 * The SDK takes two things from the environment only, at each call: its API address (`VERCEL_BLOB_API_URL`) and how
 * often it repeats a request that failed (`VERCEL_BLOB_RETRIES`, default 10, so a call may last a quarter of an hour).
 *
 * - The address is therefore one for the process: the first store to be given one sets it, and a store that wants
 *   another is a configuration error, never a silent write to the wrong place.
 * - A call is given up after `callMs`. The abort also stops the SDK from sending the request again.
 * - Whether a request was repeated cannot be asked. But the SDK waits at least 1,000 ms before it repeats, so a call
 *   that ended sooner sent one request.
 */
export function blobSdk({ apiUrl, callMs }: { apiUrl: string | undefined; callMs: number }) {
  aim(apiUrl)
  return {
    async call<T>(act: (sdk: Sdk, abortSignal: AbortSignal) => Promise<T>): Promise<{ sdk: Sdk; result: Called<T> }> {
      aim(apiUrl)
      const sdk = await load()
      const abort = new AbortController()
      const began = performance.now()
      let timer: ReturnType<typeof setTimeout> | undefined
      const deadline = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          abort.abort()
          reject(new Error(`no answer within ${callMs} ms`))
        }, callMs)
      })
      try {
        return { sdk, result: { kind: 'answered', value: await Promise.race([act(sdk, abort.signal), deadline]) } }
      } catch (error) {
        const sentOnce = environment()?.VERCEL_BLOB_RETRIES === '0' || performance.now() - began < beforeRepeatMs
        return { sdk, result: { kind: 'failed', error, sentOnce } }
      } finally {
        clearTimeout(timer)
      }
    },
  }
}

/** The SDK's 1,000 ms, less what a timer may be early. */
const beforeRepeatMs = 900

let loaded: Promise<Sdk> | undefined

function load(): Promise<Sdk> {
  loaded ??= import('@vercel/blob')
  return loaded
}

function aim(apiUrl: string | undefined): void {
  const env = environment()
  if (apiUrl !== undefined && env !== null) env.VERCEL_BLOB_API_URL ||= apiUrl
  const used = env?.VERCEL_BLOB_API_URL || env?.NEXT_PUBLIC_VERCEL_BLOB_API_URL || undefined
  if (used === apiUrl) return
  const vercel = "Vercel's own"
  throw new CutoverError(
    'configuration',
    `The Blob API address is ${apiUrl ?? vercel} for a document store and ${used ?? vercel} for this process; use one.`,
  )
}

/** Null where a runtime has none; the SDK then uses its defaults. */
function environment(): { [name: string]: string | undefined } | null {
  return typeof process === 'undefined' ? null : process.env
}
