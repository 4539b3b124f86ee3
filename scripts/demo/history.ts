import { createHash } from 'node:crypto'
import { canonicalJson } from '../../lib/core/compare/equal.js'
import { isJsonObject, type JsonObject } from '../../lib/core/json.js'
import { absenceExplained, type Deletion, type Known, learn, stateAt } from './knowledge.js'

/**
 * What the clients together know of every record, and what of it a later answer contradicts.
 *
 * It rests on one fact that the API promises: the ETag of a record is a version, and the versions of one record grow
 * in the order in which its writes take effect, whichever store, stage or instance served them. All clients live in
 * one process, so beginnings and ends of calls have one order; `tick` counts them. A call that has ended took effect
 * before every call that begins later. Hence, for a record and a call that began at tick t:
 *
 * - A version that was acknowledged or read before t was in effect at t. A read begun at t that finds a lower one is
 *   stale; a write begun at t that is numbered at or below it was put under a value that existed already: it is lost.
 * - A deletion that ended before t, and began when version k was known, has a version above k. A read begun at t that
 *   finds k or less has found what was deleted. (HTTP tells no version of a deletion; where one is told it is used.)
 * - A read that finds nothing needs a deletion that may have taken effect after the highest version p known to be
 *   there at t: one that had not ended when the write of p began, was not told a version below p, and was not bound by
 *   If-Match to a version below p. If there is none, an acknowledged record is gone.
 * - One version has one content: every write carries its client and number (`lastWrite`), so two writes under one
 *   version, an invented value, and a write that was refused and is there all the same are seen.
 * - A write under If-Match x with version w leaves no version between x and w, or it overwrote one nobody had seen.
 *
 * What can go wrong: a fault can go unnoticed, for instance a lost write that another overtook before anybody looked.
 * What cannot: none of the rules blames a history in which each call took effect at one moment between its beginning
 * and its end. Calls without an answer may have happened or not, at any later moment.
 */
export class History {
  readonly violations: Violation[] = []
  readonly #records = new Map<string, Remembered>()
  readonly #ids = new Map<string, Set<string>>()
  readonly #begun = new Map<string, number>()
  /** Records whose values somebody has changed behind everybody's back, and nobody has mended yet. */
  readonly #damaged = new Set<string>()
  #tick = 0

  /** A record that was there before anybody wrote. */
  original(key: string, value: JsonObject): void {
    const record = this.#record(key)
    record.original = digestOf(value)
    learn(record.log, 0, { present: { version: 0, born: 0 } })
  }

  damaged(key: string): void {
    this.#damaged.add(key)
  }

  /** All of them are as they were written again. */
  mended(): void {
    this.#damaged.clear()
  }

  begin(): number {
    return ++this.#tick
  }

  found(key: string, begun: number, version: number, value: JsonObject): void {
    const record = this.#record(key)
    const then = stateAt(record.log, begun)
    if (version < then.floor) this.#blame('stale-read', key, `found ${version}, though ${then.floor} was due`)
    this.#content(key, version, value)
    this.#present(record, version, writeOf(value))
  }

  absent(key: string, begun: number): void {
    const record = this.#record(key)
    const then = stateAt(record.log, begun)
    if (!absenceExplained(record.deletions, then)) {
      this.#blame('stale-read', key, `found nothing, though ${then.present?.version} was there and nobody deleted it`)
    }
    learn(record.log, ++this.#tick, { floor: then.known + 1 })
  }

  beginWrite(key: string, write: string, kind: 'put' | 'delete', base: number | null = null): PendingWrite {
    const begun = this.begin()
    this.#begun.set(write, begun)
    const deletion: Deletion = { begun, ended: Number.POSITIVE_INFINITY, version: null, base }
    const record = this.#record(key)
    record.writes++
    if (kind === 'delete') record.deletions.push(deletion)
    return { key, write, begun, base, deletion: kind === 'delete' ? deletion : null }
  }

  /** `version` is null where a deletion was acknowledged without one; `value` where the answer brought none. */
  acknowledged(pending: PendingWrite, version: number | null, value: JsonObject | null): void {
    const { key, write, begun, base, deletion } = pending
    const record = this.#record(key)
    const then = stateAt(record.log, begun)
    if (version !== null) {
      if (version <= then.known || version < then.floor)
        this.#blame('lost-write', key, `${write} was acknowledged as ${version}, under ${then.known}`)
      if (base !== null) record.bound.push({ base, version, write })
      record.acknowledged.push(version)
      this.#version(key, version, write, value === null ? null : digestOf(value))
    }
    if (deletion !== null) {
      deletion.ended = ++this.#tick
      deletion.version = version
      learn(record.log, this.#tick, {
        floor: (version ?? then.known) + 1,
        ...(version === null ? {} : { known: version }),
      })
    } else if (version !== null) this.#present(record, version, write)
  }

  /** A create that was acknowledged: the record was absent at its moment. */
  wasAbsent({ key, begun }: PendingWrite): void {
    const record = this.#record(key)
    const then = stateAt(record.log, begun)
    if (absenceExplained(record.deletions, then)) return
    this.#blame('lost-write', key, `was created over ${then.present?.version}, which nobody had deleted`)
  }

  /** The server said that nothing was done. */
  refused({ key, write, deletion }: PendingWrite): void {
    const record = this.#record(key)
    record.writes--
    record.refused.add(write)
    if (deletion !== null) record.deletions.splice(record.deletions.indexOf(deletion), 1)
  }

  /** The last look at a record, when nothing is under way; what it contradicts is lost for good. */
  settle(key: string, last: { version: number; value: JsonObject } | null): void {
    const record = this.#record(key)
    const then = stateAt(record.log, this.#tick)
    if (last === null) {
      if (!absenceExplained(record.deletions, then)) this.#blame('lost-write', key, 'is gone, though nobody deleted it')
      return
    }
    const missing = record.acknowledged.filter((version) => version > last.version).length
    for (let lost = 0; lost < Math.max(missing, last.version < then.floor ? 1 : 0); lost++)
      this.#blame('lost-write', key, `ended at ${last.version}, though ${then.floor} was due`)
    this.#content(key, last.version, last.value)
    if (record.writes === 0 && digestOf(last.value) !== record.original)
      this.#blame('wrong-content', key, 'was never written and is not what it was')
    for (const { base, version, write } of record.bound) {
      const between = [...record.versions.keys()].some((other) => other > base && other < version)
      if (between) this.#blame('lost-write', key, `${write} overwrote a version after the one it was bound to`)
    }
  }

  /** Every id of a collection that anybody has heard of. */
  ids(collection: string): ReadonlySet<string> {
    return this.#ids.get(collection) ?? new Set()
  }

  count(kind: Violation['kind']): number {
    return this.violations.filter((violation) => violation.kind === kind).length
  }

  #present(record: Remembered, version: number, write: string | null): void {
    const born = write === null ? 0 : (this.#begun.get(write) ?? 0)
    learn(record.log, ++this.#tick, { floor: version, known: version, present: { version, born } })
  }

  #content(key: string, version: number, value: JsonObject): void {
    if (this.#damaged.has(key)) return
    const record = this.#record(key)
    const write = writeOf(value)
    const digest = digestOf(value)
    if (write === null && digest !== record.original) this.#blame('wrong-content', key, `has a value nobody wrote`)
    if (write !== null && record.refused.has(write))
      this.#blame('wrong-content', key, `shows ${write}, which had been refused`)
    this.#version(key, version, write ?? 'original', digest)
  }

  #version(key: string, version: number, write: string, digest: string | null): void {
    const { versions } = this.#record(key)
    const held = versions.get(version)
    if (held !== undefined && held.write !== write)
      this.#blame('lost-write', key, `has ${held.write} and ${write} under version ${version}`)
    else if (held?.digest && digest !== null && held.digest !== digest)
      this.#blame('wrong-content', key, `shows two values of version ${version}`)
    versions.set(version, { write, digest: digest ?? held?.digest ?? null })
  }

  #record(key: string): Remembered {
    let record = this.#records.get(key)
    if (record === undefined) {
      record = {
        original: null,
        log: [],
        versions: new Map(),
        acknowledged: [],
        bound: [],
        deletions: [],
        refused: new Set(),
        writes: 0,
      }
      this.#records.set(key, record)
      const [collection = '', id = ''] = [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]
      this.#ids.set(collection, (this.#ids.get(collection) ?? new Set()).add(id))
    }
    return record
  }

  #blame(kind: Violation['kind'], key: string, says: string): void {
    this.violations.push({ kind, key, says })
  }
}

export interface Violation {
  kind: 'lost-write' | 'stale-read' | 'wrong-content'
  key: string
  /** What was seen and what should have been: names and versions, no values. */
  says: string
}

/** The name of a record among those of all collections. */
export function keyOf({ collection, id }: { collection: string; id: string }): string {
  return `${collection}/${id}`
}

/** A write that has begun. */
export interface PendingWrite {
  key: string
  write: string
  begun: number
  base: number | null
  deletion: Deletion | null
}

interface Remembered {
  /** Digest of what was there before the run; `null`: nothing was. */
  original: string | null
  log: Known[]
  versions: Map<number, { write: string; digest: string | null }>
  acknowledged: number[]
  bound: { base: number; version: number; write: string }[]
  deletions: Deletion[]
  refused: Set<string>
  /** Writes that happened or may have. */
  writes: number
}

export function digestOf(value: JsonObject): string {
  return createHash('sha1').update(canonicalJson(value)).digest('base64url')
}

/** Which write a value is from; `null`: from none of the run's. */
export function writeOf(value: JsonObject): string | null {
  const { lastWrite } = value
  return isJsonObject(lastWrite) ? `${String(lastWrite.by)}#${String(lastWrite.number)}` : null
}
