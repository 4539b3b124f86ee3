/**
 * The stable codes of every error that cutover shows. Surfaces map each to their own form (HTTP status, exit code,
 * MCP error) by one exhaustive table; a code never changes its meaning.
 */
export type ErrorCode =
  | 'invalid-input' // the caller's fault: what was sent cannot be accepted as it is
  | 'too-large' // a body, record or page over its limit
  | 'unauthenticated' // no token, or one that is not known
  | 'forbidden' // a known caller without the right
  | 'not-found'
  | 'precondition-failed' // If-Match or If-None-Match did not hold; nothing was done
  | 'conflict' // the request contradicts the present state; nothing was done
  | 'idempotency-mismatch' // an Idempotency-Key used again for another request; nothing was done
  | 'contended' // too many concurrent writers of one record; nothing was done
  | 'unavailable' // a store cannot answer; nothing was done
  | 'outcome-unknown' // a write may or may not have happened, at most once
  | 'corrupt-document' // a stored document cannot be read as what it should be
  | 'configuration' // the environment or the definition is wrong
  | 'internal'

/** The one error class. The message is a sentence that names the fault, the place and the mend; never a payload. */
export class CutoverError extends Error {
  readonly code: ErrorCode
  /** Structured particulars (keys, versions, positions, paths), safe to log and to show. */
  readonly details: Readonly<{ [name: string]: string | number | boolean | null | readonly string[] }>

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; details?: CutoverError['details'] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'CutoverError'
    this.code = code
    this.details = options.details ?? {}
  }
}

/** Reason (in `details`) of an `unavailable` that no waiting of seconds mends: the store's plan is used up or full. */
export const QUOTA_EXCEEDED = 'quota-exceeded'

export function isQuotaExceeded(error: unknown): error is CutoverError {
  return error instanceof CutoverError && error.details.reason === QUOTA_EXCEEDED
}
