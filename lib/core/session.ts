import { CutoverError } from './error.js'
import { hash32 } from './slot.js'

/**
 * What one client has seen: for each record the version of its last answer, so that nothing older is ever shown to it
 * again, by whichever instance. The client carries it (`Cutover-Session`), for no instance can know what the others have
 * acknowledged; it is a promise to the client alone, so whoever forges one deceives nobody else.
 *
 * It is short: the last `RECORDS_MAX` records are told apart, by a hash of their names; the others share one floor, the
 * highest version seen of any of them. Two records that share a hash, and all below the floor, ask for more than they
 * need to: a cached copy is then passed over that might have been used.
 *
 * As text: `1;<floor>;<collection>.<epoch>,...;<record>.<version>,...`, whole numbers in base 36.
 */
export interface Session {
  floor: number
  /** By hash of the collection: the highest epoch seen; `ENDED`: answers had no version, as after the last day. */
  epochs: ReadonlyMap<number, number>
  /** By hash of collection and id. */
  records: ReadonlyMap<number, number>
}

export const NEW_SESSION: Session = { floor: 0, epochs: new Map(), records: new Map() }
export const ENDED = Number.MAX_SAFE_INTEGER

const RECORDS_MAX = 24
const COLLECTIONS_MAX = 32
const CHARS_MAX = 2_000
/** Texts of one request: a client whose requests overlap sends what each of them brought. */
const TEXTS_MAX = 8

/** What an answer tells of one record. A version is `null` where there are none. */
export interface Sighting {
  collection: string
  id: string
  epoch: number
  version: number | null
}

export function seenBy(session: Session, sightings: readonly Sighting[]): Session {
  const epochs = new Map(session.epochs)
  const records = new Map(session.records)
  for (const { collection, id, epoch, version } of sightings) {
    lift(epochs, hash32(collection), version === null ? ENDED : epoch)
    if (version !== null && version > 0) lift(records, recordKey(collection, id), version)
  }
  return bounded(session.floor, epochs, records)
}

/** Of an answer about one record; one that is absent without a trace tells nothing but the epoch. */
export function sightingOf(collection: string, id: string, outcome: { epoch: number; etag?: string }): Sighting {
  const { epoch, etag } = outcome
  return { collection, id, epoch, version: etag === undefined ? 0 : versionTold(etag) }
}

/** The least version of a record that the client may be shown, and the least epoch of its collection. */
export function leastFor(session: Session, collection: string, id: string): { version: number; epoch: number } {
  const version = session.records.get(recordKey(collection, id)) ?? session.floor
  return { version, epoch: session.epochs.get(hash32(collection)) ?? 0 }
}

/** Reads what a client sent: `new`, or one or several texts that it was given, with spaces between. */
export function parseSession(text: string): Session {
  const parts = text.trim().split(/\s+/)
  if (text.length > TEXTS_MAX * CHARS_MAX || parts.length > TEXTS_MAX) throw malformed()
  return parts.map(parseOne).reduce(merged)
}

/** What either of two has seen. A record that one of them tells apart may be below the other's floor. */
function merged(a: Session, b: Session): Session {
  const epochs = new Map(a.epochs)
  for (const [key, epoch] of b.epochs) lift(epochs, key, epoch)
  const records = new Map<number, number>()
  for (const key of [...a.records.keys(), ...b.records.keys()])
    records.set(key, Math.max(a.records.get(key) ?? a.floor, b.records.get(key) ?? b.floor))
  return bounded(Math.max(a.floor, b.floor), epochs, records)
}

export function encodeSession({ floor, epochs, records }: Session): string {
  const pairs = (map: ReadonlyMap<number, number>): string =>
    [...map].map(([key, value]) => `${key.toString(36)}.${value.toString(36)}`).join(',')
  return `1;${floor.toString(36)};${pairs(epochs)};${pairs(records)}`
}

/** The version that an ETag tells, of a record or of a deletion; `null` where it is of another kind. */
export function versionTold(etag: string): number | null {
  const [, version] = /^(?:deleted-)?([1-9]\d{0,15})$/.exec(etag) ?? []
  return version === undefined ? null : Number(version)
}

function recordKey(collection: string, id: string): number {
  return hash32(`${id}\n${collection}\nsession`)
}

/** The latest is the last, and the higher of two stays. */
function lift(map: Map<number, number>, key: number, value: number): void {
  const held = map.get(key) ?? 0
  map.delete(key)
  map.set(key, Math.max(held, value))
}

function bounded(floor: number, epochs: Map<number, number>, records: Map<number, number>): Session {
  let lowest = floor
  for (const [key, version] of records) {
    if (records.size <= RECORDS_MAX) break
    records.delete(key)
    lowest = Math.max(lowest, version)
  }
  // What cannot be remembered must not be forgotten either: from here on nothing that is cached is used.
  if (epochs.size > COLLECTIONS_MAX) return { floor: ENDED, epochs: new Map(), records: new Map() }
  return { floor: lowest, epochs, records }
}

function parseOne(text: string): Session {
  if (text === 'new') return NEW_SESSION
  const [, floor, epochs, records] = /^1;([0-9a-z]{1,11});([0-9a-z.,]*);([0-9a-z.,]*)$/.exec(text) ?? []
  if (floor === undefined || epochs === undefined || records === undefined || text.length > CHARS_MAX) throw malformed()
  return { floor: wholeOf(floor), epochs: pairsOf(epochs), records: pairsOf(records) }
}

function pairsOf(text: string): Map<number, number> {
  const pairs = text === '' ? [] : text.split(',')
  return new Map(
    pairs.map((pair) => {
      const [, key, value] = /^([0-9a-z]{1,7})\.([0-9a-z]{1,11})$/.exec(pair) ?? []
      if (key === undefined || value === undefined) throw malformed()
      return [wholeOf(key), wholeOf(value)]
    }),
  )
}

function wholeOf(text: string): number {
  const value = Number.parseInt(text, 36)
  if (Number.isSafeInteger(value)) return value
  throw malformed()
}

function malformed(): CutoverError {
  return new CutoverError('invalid-input', 'Cutover-Session is "new", or what answers before gave under that name.')
}
