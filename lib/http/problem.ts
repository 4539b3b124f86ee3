import type { Context } from 'hono'
import { CutoverError, type ErrorCode } from '../core/error.js'

/**
 * Every error as an RFC 9457 problem document. `code` is stable and for programs; `detail` is for people; `details`
 * holds the particulars of the error; `requestId` finds it in the log. What is not a `CutoverError` shows nothing of
 * its cause, because nobody has judged what its message contains.
 */
export function problemResponse(c: Context, error: CutoverError, requestId: string): Response {
  const { status, title } = statusOf(error)
  const body = {
    type: `urn:cutover:problem:${error.code}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    details: error.details,
    requestId,
    ...openFeatureMembers(error),
  }
  c.header('Content-Type', 'application/problem+json')
  c.header('Cache-Control', 'no-store')
  if (status === 401) c.header('WWW-Authenticate', 'Bearer realm="cutover"')
  if (status === 503 || status === 429) c.header('Retry-After', String(retryAfterSeconds(error)))
  if (status === 405 && Array.isArray(error.details.allow)) c.header('Allow', error.details.allow.join(', '))
  return c.body(JSON.stringify(body), status)
}

/** An error with an OpenFeature code is told in that protocol's members, too: they are read beside our own. */
function openFeatureMembers({ details, message }: CutoverError): { [member: string]: unknown } {
  const { errorCode, key } = details
  if (typeof errorCode !== 'string') return {}
  return { errorCode, errorDetails: message, ...(key === undefined ? {} : { key }) }
}

export function asCutoverError(error: unknown): CutoverError {
  if (error instanceof CutoverError) return error
  return new CutoverError('internal', 'An unexpected error. The log holds more under the request id.', { cause: error })
}

/**
 * Faults of the request that HTTP tells apart from other invalid input: thrown as `invalid-input` with
 * `details.reason`.
 */
type RequestFault = 'unsupported-media-type' | 'method-not-allowed' | 'too-many-requests'

export function requestFault(
  reason: RequestFault,
  message: string,
  details: CutoverError['details'] = {},
): CutoverError {
  return new CutoverError('invalid-input', message, { details: { ...details, reason } })
}

/** Seconds after which a resend has a chance, when the error does not say. */
const RETRY_AFTER_SECONDS = { contended: 1, unavailable: 5 }

type Status = 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 415 | 422 | 429 | 500 | 503

function statusOf(error: CutoverError): { status: Status; title: string } {
  const reason = error.code === 'invalid-input' ? error.details.reason : null
  if (reason === 'unsupported-media-type') return { status: 415, title: 'Unsupported media type' }
  if (reason === 'method-not-allowed') return { status: 405, title: 'Method not allowed' }
  if (reason === 'too-many-requests') return { status: 429, title: 'Too many requests' }
  return statusOfCode(error.code)
}

function statusOfCode(code: ErrorCode): { status: Status; title: string } {
  switch (code) {
    case 'invalid-input':
      return { status: 400, title: 'Invalid input' }
    case 'unauthenticated':
      return { status: 401, title: 'Not authenticated' }
    case 'forbidden':
      return { status: 403, title: 'Forbidden' }
    case 'not-found':
      return { status: 404, title: 'Not found' }
    case 'conflict':
      return { status: 409, title: 'Conflict with the present state' }
    case 'precondition-failed':
      return { status: 412, title: 'Precondition failed' }
    case 'too-large':
      return { status: 413, title: 'Too large' }
    case 'idempotency-mismatch':
      return { status: 422, title: 'Idempotency key used for another request' }
    case 'contended':
      return { status: 503, title: 'Too many concurrent writers' }
    case 'unavailable':
      return { status: 503, title: 'Unavailable' }
    case 'outcome-unknown':
      return { status: 503, title: 'Outcome unknown' }
    case 'corrupt-document':
      return { status: 500, title: 'A stored document is corrupt' }
    case 'configuration':
      return { status: 500, title: 'Wrong configuration' }
    case 'internal':
      return { status: 500, title: 'Internal error' }
  }
}

function retryAfterSeconds(error: CutoverError): number {
  const told = error.details.retryAfterSeconds
  if (typeof told === 'number' && Number.isFinite(told)) return Math.max(1, Math.ceil(told))
  return error.code === 'contended' ? RETRY_AFTER_SECONDS.contended : RETRY_AFTER_SECONDS.unavailable
}
