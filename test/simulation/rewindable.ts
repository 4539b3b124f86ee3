import { memoryLedger } from '../../lib/drivers/ledgers/memory.js'
import type { Clock } from '../../lib/ports/clock.js'
import type { Change, CommitAnswer, Entry, Ledger } from '../../lib/ports/ledger.js'
import type { PlainTarget, Target, TargetCollection } from '../../lib/ports/store.js'

/**
 * A database that can lose what it was told last, as a failover to a replica that lags does: data, fences and
 * operation memory of the target, and the ledger beside them, which is in the same Redis.
 */
export interface Rewindable {
  target: TargetCollection
  ledger: Ledger
  /** Forgets the last `count` changes of both. */
  rewind(count: number): Promise<void>
}

/** Told of every commit to the ledger that was not refused, before its answer is under way. */
export type Listener = (changes: readonly Change[], entries: readonly Entry[]) => void

const CHANGES = ['begin', 'probe', 'prove', 'applyMany', 'settleMany', 'raise', 'amend', 'beat'] as const
const READS = ['get', 'openIds', 'countOpen', 'getMany', 'control'] as const

interface Held {
  target: TargetCollection
  ledger: Ledger
}

/** `make` is given a clock that shows, while changes are told again, the time at which each was told first. */
export function rewindable(
  make: (clock: Clock) => TargetCollection,
  real: Clock,
  told: Listener = () => {},
): Rewindable {
  let past: number | null = null
  const clock = { ...real, now: () => past ?? real.now() }
  const fresh = (): Held => ({ target: make(clock), ledger: memoryLedger() })
  let held = fresh()
  const log: { at: number; change: (held: Held) => Promise<unknown> }[] = []
  const changing = <T>(change: (held: Held) => Promise<T>): Promise<T> => {
    log.push({ at: real.now(), change })
    return change(held)
  }
  const partition = (number: number): Target => {
    const call = ({ target }: Held, name: keyof Target, given: unknown[]): Promise<unknown> => {
      const method = target.partitions[number]?.[name] as (...given: unknown[]) => Promise<unknown>
      return method(...given)
    }
    const over = Object.fromEntries([
      ...READS.map((name) => [name, (...given: unknown[]) => call(held, name, given)]),
      ...CHANGES.map((name) => [name, (...given: unknown[]) => changing((now) => call(now, name, given))]),
    ])
    return { label: `rewindable/${number}`, ...over } as unknown as Target
  }
  const plain: PlainTarget = {
    get: (id) => held.target.plain.get(id),
    page: (after, limit) => held.target.plain.page(after, limit),
    write: (...given) => changing(({ target }) => target.plain.write(...given)),
    purge: (cursor) => changing(({ target }) => target.plain.purge(cursor)),
  }
  const commit = async (changes: readonly Change[], entries: readonly Entry[] = []): Promise<CommitAnswer> => {
    const answer = await changing(({ ledger }) => ledger.commit(changes, entries))
    if (answer.kind === 'committed') told(changes, entries)
    return answer
  }
  return {
    target: {
      partitions: held.target.partitions.map((_, number) => partition(number)),
      page: (after, limit) => held.target.page(after, limit),
      compare: (stretch, copies) => held.target.compare(stretch, copies),
      count: () => held.target.count(),
      plain,
    },
    ledger: {
      label: 'rewindable',
      read: (key) => held.ledger.read(key),
      commit,
      list: (...given) => held.ledger.list(...given),
      entries: (...given) => held.ledger.entries(...given),
      head: () => held.ledger.head(),
      trim: (stream, upTo) => changing(({ ledger }) => ledger.trim(stream, upTo)),
      destroy: () => changing(({ ledger }) => ledger.destroy()),
    },
    async rewind(count) {
      log.length = Math.max(0, log.length - count)
      held = fresh()
      for (const { at, change } of log) {
        past = at
        await change(held)
      }
      past = null
    },
  }
}
