import type { Accepted, DataPlane, ReadOutcome, WriteOutcome } from '../../core/data-plane.js'
import { leastFor, versionTold } from '../../core/session.js'
import type { Clock } from '../../ports/clock.js'

/**
 * Records that this instance has read or written a moment ago, for callers who say that they are content with them. Who
 * says nothing is answered by the stores as ever: this never stands in the way of a read, only beside it.
 *
 * An entry keeps the version and the epoch under which it was read. It is given out only while this instance knows of no
 * later epoch, to a session only if it is at least what that client has seen (`core/session.ts`), and to others only
 * within the age that they name; its age counts from before the question to the store. Versions of a record only grow,
 * so a client that carries its session never sees a record go back, whichever instances it meets. What can go wrong: a
 * client that carries no session and names an age sees what was true that long ago, as it asked.
 */
export function cached(plane: DataPlane, parts: CacheParts): DataPlane {
  const { cache, clock, msMax, epochOf } = parts
  const keep = (key: string, entry: Entry): void => {
    const held = cache.get(key)
    // Of two answers that cross the later one stays; of one version the one that was read later.
    if (held !== undefined && held.version > entry.version) return
    cache.set(key, entry)
  }
  const forget = (key: string, version: number): void => {
    keep(key, { outcome: null, version, at: clock.monotonic() })
  }
  return {
    ...plane,
    async get(collection, id) {
      const at = clock.monotonic()
      const outcome = await plane.get(collection, id)
      const version = outcome.etag === undefined ? null : versionTold(outcome.etag)
      if (version === null) cache.delete(keyOf(collection, id))
      else keep(keyOf(collection, id), { outcome, version, at })
      return outcome
    },
    async write(collection, id, operation, mutation) {
      const key = keyOf(collection, id)
      const at = clock.monotonic()
      let outcome: WriteOutcome
      try {
        outcome = await plane.write(collection, id, operation, mutation)
      } catch (error) {
        cache.delete(key) // it may have happened
        throw error
      }
      const version = versionTold(outcome.etag)
      if (version === null) cache.delete(key)
      // Under a name it may be the answer of long ago, and no longer what the record is.
      else if (operation.named || (outcome.value === null && mutation.kind !== 'delete')) forget(key, version)
      else keep(key, { outcome: readingOf(outcome), version, at })
      return outcome
    },
    recall(collection, id, accepted) {
      const entry = cache.get(keyOf(collection, id))
      if (entry === undefined || entry.outcome === null) return null
      const { outcome, version, at } = entry
      const ageMs = clock.monotonic() - at
      if (ageMs > Math.min(msMax, accepted.ageMsMax ?? msMax) || outcome.epoch < epochOf(collection, id)) return null
      return isFreshEnough(accepted, collection, id, version, outcome.epoch) ? { ...outcome, ageMs } : null
    },
  }
}

function isFreshEnough({ session }: Accepted, collection: string, id: string, version: number, epoch: number): boolean {
  if (session === undefined) return true
  const least = leastFor(session, collection, id)
  return version >= least.version && epoch >= least.epoch
}

export interface CacheParts {
  cache: RecordCache
  clock: Pick<Clock, 'monotonic'>
  /** Nothing older is ever given out, in milliseconds. */
  msMax: number
  /** The epoch that this instance knows of. */
  epochOf: (collection: string, id: string) => number
}

/** Holds so many entries, and drops those that were not used for longest. */
export interface RecordCache {
  get(key: string): Entry | undefined
  set(key: string, entry: Entry): unknown
  delete(key: string): unknown
}

export interface Entry {
  /** `null`: known to be at that version, and not at hand. */
  outcome: ReadOutcome | null
  version: number
  /** Monotonic milliseconds before the question. */
  at: number
}

function readingOf({ value, etag, stage, epoch, servedBy }: WriteOutcome): ReadOutcome {
  const served = { stage, epoch, servedBy }
  return value === null ? { kind: 'absent', etag, ...served } : { kind: 'found', value, etag, ...served }
}

function keyOf(collection: string, id: string): string {
  return `${collection}/${id}`
}
