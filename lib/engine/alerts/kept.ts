import type { Alert } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { Clock } from '../../ports/clock.js'
import type { Change, Entry, Ledger } from '../../ports/ledger.js'
import type { EngineContext } from '../context.js'

/**
 * How alerts are kept: unresolved and resolved ones apart, each under an id that sorts by time, the newest first, so
 * that a page of either is one read and nobody has to read what was resolved long ago to find what is open. Beside
 * them, under what it is about, the id of the latest alert about it.
 */
export const OPEN = 'alert-open/'
export const CLOSED = 'alert-closed/'
const ABOUT = 'alert-about/'

/** What raising and moving an alert needs. */
export type AlertContext = Pick<EngineContext, 'ledger' | 'clock' | 'background' | 'notify'>

/** For whoever commits something of an alert together with what it tells of. */
export interface ToCommit {
  changes: Change[]
  entries: Entry[]
  /** To be called once it is committed. */
  told: () => void
}

export interface HeldAlert {
  key: string
  revision: number
  alert: Alert
}

/** `null`: there is none of that id. */
export async function readAlert({ ledger }: { ledger: Ledger }, id: string): Promise<HeldAlert | null> {
  if (!ALERT_ID.test(id)) return null
  // It moves from the one to the other, so the order matters: what is not open any more is closed.
  for (const key of [OPEN + id, CLOSED + id]) {
    const held = await ledger.read(key)
    if (held !== null) return { key, revision: held.revision, alert: held.value as unknown as Alert }
  }
  return null
}

const ALERT_ID = /^\d{14}-\w{1,36}$/

export function keyOfAbout(about: string): string {
  return ABOUT + about.slice(0, ABOUT_CHARS_MAX)
}

const ABOUT_CHARS_MAX = 300

/** Ids in the order of strings are in the order of time, the newest first. */
export function newestFirstId(clock: Pick<Clock, 'now' | 'id'>): string {
  return `${newestFirst(clock.now())}-${clock.id().replaceAll('-', '').slice(0, ID_CHARS)}`
}

export function newestFirst(at: number): string {
  return String(FAR_MS - Math.floor(at)).padStart(DIGITS, '0')
}

export function oldestFirst(at: number): string {
  return String(Math.floor(at)).padStart(DIGITS, '0')
}

/** The key below which everything newest-first under `prefix` is older than `days`; to the hour, so that it stays the same. */
export function olderThan(prefix: string, days: number, now: number): string {
  return prefix + newestFirst(Math.floor(now / HOUR_MS) * HOUR_MS - days * 24 * HOUR_MS)
}

const HOUR_MS = 3_600_000
const FAR_MS = 10 ** 14 - 1
const DIGITS = 14
const ID_CHARS = 12

export function writing(key: string, ifRevision: number | null, value: object): Change {
  return { key, ifRevision, value: value as unknown as Json }
}

export function noSuchAlert(id: string): CutoverError {
  return new CutoverError('not-found', `There is no alert ${JSON.stringify(id.slice(0, 100))}.`)
}
