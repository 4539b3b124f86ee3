import { CutoverError } from '../error.js'

/**
 * Why a request was refused on this side, before a byte of it was sent. It is an `unavailable` like any other to those
 * that only want to go on; to those that must know whether a write may have happened it is certain: this request has
 * not reached the store, and never will. It says nothing of what was sent before it.
 */
export type NotSentReason =
  | 'circuit-open' // the store has not answered of late, and is asked by one probe at a time only
  | 'throttled' // the limit of commands a second left no room within the time that one waits for it
  | 'too-many-requests' // as many requests are under way and waiting as one instance may have

export const NOT_SENT_REASONS: readonly NotSentReason[] = ['circuit-open', 'throttled', 'too-many-requests']

export function notSent(reason: NotSentReason, store: string, retryAfterSeconds: number): CutoverError {
  return new CutoverError('unavailable', `${SENTENCES[reason]} (${store}). Nothing was sent.`, {
    details: { reason, retryAfterSeconds },
  })
}

/** The reason, where the request is certain not to have been sent; `null`: it may have reached the store. */
export function notSentReason(error: unknown): NotSentReason | null {
  if (!(error instanceof CutoverError) || error.code !== 'unavailable') return null
  return NOT_SENT_REASONS.find((reason) => reason === error.details.reason) ?? null
}

/**
 * Whether an error says that the store did not answer. One that answered, if only that it cannot serve (its reply is
 * named then), costs nobody a time limit; nor does a request that was never sent.
 */
export function isSilence(error: unknown): boolean {
  if (!(error instanceof CutoverError) || error.code !== 'unavailable') return false
  const { reason, reply } = error.details
  if (reason === CONTENDED || notSentReason(error) !== null) return false
  return reply === undefined || reply === 'ERR'
}

/** Reason of an `unavailable` by a store that answers, only not to us first. */
export const CONTENDED = 'contended'

const SENTENCES: { [reason in NotSentReason]: string } = {
  'circuit-open': 'The store has not answered of late and is left alone until a probe of it succeeds',
  throttled: 'The limit of commands a second is used up',
  'too-many-requests': 'Too many requests to this store are under way',
}
