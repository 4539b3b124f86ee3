import type { Context } from 'hono'
import type { Accepted, Recalled } from '../core/data-plane.js'
import { encodeSession, parseSession, type Session, type Sighting, seenBy } from '../core/session.js'

/**
 * What a request says of how fresh its answer must be. Without `Cutover-Session` and without `Cache-Control: max-age`
 * (or `max-stale`) it must be the record as it is now. `null`: that.
 */
export function acceptedOf(headers: Headers): { session: Session | null; accepted: Accepted | null } {
  const text = headers.get(SESSION)
  const session = text === null ? null : parseSession(text.replaceAll(', ', ' '))
  const control = (headers.get('cache-control') ?? '').toLowerCase()
  const age = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,;])/.exec(control)?.[1]
  const stale = /(?:^|[\s,])max-stale(?:=(\d{1,9}))?(?:$|[\s,;])/.test(control)
  if (/(?:^|[\s,])no-(?:cache|store)(?:$|[\s,;])/.test(control)) return { session, accepted: null }
  if (session === null && age === undefined && !stale) return { session, accepted: null }
  const ageMsMax = age === undefined || stale ? {} : { ageMsMax: Number(age) * 1_000 }
  return { session, accepted: { ...(session === null ? {} : { session }), ...ageMsMax } }
}

export const SESSION = 'cutover-session'

/** The session that the client carries on, for one that carries any. */
export function showSession(c: Context, session: Session | null, sightings: readonly Sighting[]): void {
  if (session !== null) c.header('Cutover-Session', encodeSession(seenBy(session, sightings)))
}

export function showRecalled(c: Context, { ageMs }: Recalled): void {
  c.header('Age', String(Math.floor(ageMs / 1_000)))
  c.header('Cutover-Cache', 'hit')
}
