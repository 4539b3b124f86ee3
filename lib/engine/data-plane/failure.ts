import { CutoverError, type ErrorCode } from '../../core/error.js'
import type { NotSentReason } from '../../core/failing/not-sent.js'
import type { FailReason } from '../../core/protocol/outcome.js'

/** The error that a caller is shown for an operation that failed for `reason`; `notSent`: where a request was held back. */
export function failure(
  reason: FailReason,
  place: string,
  unknown = false,
  notSent: NotSentReason | null = null,
): CutoverError {
  const code: ErrorCode = unknown ? 'outcome-unknown' : reason === 'contended' ? 'contended' : 'unavailable'
  const tail = unknown
    ? 'The write may or may not have happened, at most once. Read the record, or repeat the request with the same Idempotency-Key.'
    : 'Nothing was done. Try again.'
  return new CutoverError(code, `${SENTENCES[reason]} (${place}). ${tail}`, {
    details: { reason, retryAfterSeconds: reason === 'contended' ? 1 : 2, ...(notSent === null ? {} : { notSent }) },
  })
}

const SENTENCES: { [reason in FailReason]: string } = {
  'source-unavailable': 'The source store does not answer',
  'target-unavailable': 'The target store does not answer',
  'on-hold': 'The stores are being separated after an outage',
  'clock-ahead': 'The clock of this instance is ahead of that of the target store',
  'too-late': 'The request came too late to be told from a stray duplicate',
  'target-lost-data': 'The target store has lost data and is being recovered',
  'numbering-changed-hands': 'A stage change overtook the write',
  overtaken: 'A later write is in place and does not tell whether this one came before it',
  contended: 'Too many writers at once',
  'lease-expired': 'One of the stores has been out of sight for too long',
}
