import type { Accepted } from '../core/data-plane.js'
import { CutoverError } from '../core/error.js'
import { encodeSession, parseSession, type Session, type Sighting, seenBy } from '../core/session.js'

/**
 * What a call says in its `_meta` of how fresh its answer must be, as headers do over HTTP: `cutover/session` (`new`, or
 * what answers gave under that name) and `cutover/max-age-seconds`. Without them it must be the record as it is now.
 */
export interface Freshness {
  session: Session | null
  accepted: Accepted | null
  /** What an answer that is an error tells of records. */
  seen: Sighting[]
}

export function freshnessOf(meta: { readonly [key: string]: unknown } | undefined): Freshness {
  const text = meta?.[SESSION]
  const age = meta?.[MAX_AGE]
  if (text !== undefined && typeof text !== 'string') throw invalid(SESSION, 'a text')
  if (age !== undefined && !(typeof age === 'number' && age >= 0)) throw invalid(MAX_AGE, 'a number from 0')
  const session = text === undefined ? null : parseSession(text)
  if (session === null && age === undefined) return { session, accepted: null, seen: [] }
  const ageMsMax = typeof age === 'number' ? { ageMsMax: age * 1_000 } : {}
  return { session, accepted: { ...(session === null ? {} : { session }), ...ageMsMax }, seen: [] }
}

const SESSION = 'cutover/session'
const MAX_AGE = 'cutover/max-age-seconds'

/** What an answer tells of the same: the session to carry on, and how old it is where it was read before. */
export function freshnessTold(
  { session, seen: told }: Freshness,
  { seen = told, ageMs }: { seen?: readonly Sighting[]; ageMs?: number },
): { [key: string]: string | number } {
  return {
    ...(session === null ? {} : { [SESSION]: encodeSession(seenBy(session, seen)) }),
    ...(ageMs === undefined ? {} : { 'cutover/age-seconds': Math.floor(ageMs / 1_000) }),
  }
}

function invalid(name: string, what: string): CutoverError {
  return new CutoverError('invalid-input', `${name} in _meta is ${what}.`)
}
