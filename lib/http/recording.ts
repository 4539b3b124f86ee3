import type { MiddlewareHandler } from 'hono'
import {
  RECORDED_METHODS,
  REQUEST_PART_CHARS_MAX,
  type RecordedRequest,
  type RequestRecorder,
} from '../core/checkpoint/request.js'
import { pathSegments } from './path.js'

/**
 * Has some of the requests for records recorded, after their answers. Of a request nothing is looked at but what
 * `RecordedRequest` names; bodies and other headers never leave the request. Not recorded: requests of callers that were
 * not let in, of collections that there are not, with parts that are longer than is kept, and such as failed by no
 * fault of their own.
 */
export function recording(recorder: RequestRecorder, collections: readonly string[]): MiddlewareHandler {
  return async (c, next) => {
    await next()
    if (NOT_RECORDED.has(c.res.status) || c.res.status >= 500 || !recorder.samples()) return
    const seen = seenIn(c.req.raw)
    if (seen !== null && collections.includes(seen.collection)) recorder.take(seen.collection, seen.request)
  }
}

const NOT_RECORDED = new Set([401, 403, 405])

function seenIn(request: Request): { collection: string; request: Omit<RecordedRequest, 'at'> } | null {
  const method = RECORDED_METHODS.find((one) => one === request.method)
  const url = new URL(request.url)
  const [, , , collection, segment, ...more] = url.pathname.split('/')
  if (method === undefined || collection === undefined || more.length > 0 || segment === '') return null
  const part = (name: string, value: string | null): { [name: string]: string } =>
    value === null ? {} : { [name]: value }
  const seen: Omit<RecordedRequest, 'at'> = {
    method,
    path: segment === undefined ? '' : `/${segment}`,
    ...part('cursor', url.searchParams.get('cursor')),
    ...part('limit', url.searchParams.get('limit')),
    ...part('ifMatch', request.headers.get('if-match')),
    ...part('ifNoneMatch', request.headers.get('if-none-match')),
  }
  const isShort = Object.values(seen).every((value) => value.length <= REQUEST_PART_CHARS_MAX)
  return isShort ? { collection: nameOf(request), request: seen } : null
}

/** Empty where the path cannot be decoded: no collection is called so. */
function nameOf(request: Request): string {
  try {
    return pathSegments(request)[2] ?? ''
  } catch {
    return ''
  }
}
