import type { Json } from '../core/json.js'
import type { Clock } from '../ports/clock.js'
import type { Ledger } from '../ports/ledger.js'
import { NO_TRAFFIC, type TrafficCounts } from './data-plane/metered.js'

/**
 * Traffic counts of this instance, written to the ledger in the background: one entry a collection and flush. An
 * instance that is killed loses what it has not flushed, so counts are lower bounds: evidence, not accounts. Of a
 * collection whose migration is over nothing is written: its database holds the application's data alone.
 */
export interface Meter {
  count(collection: string, what: keyof TrafficCounts): void
  flush(): Promise<void>
}

const KEPT_ENTRIES = 20_000

export function meter(
  ledger: () => Promise<Ledger>,
  clock: Clock,
  background: (work: Promise<unknown>) => void,
  flushMs: number,
  isOver: (collection: string) => boolean = () => false,
): Meter {
  let counts = new Map<string, TrafficCounts>()
  let flushing: Promise<void> | null = null
  let flushedAt = Number.NEGATIVE_INFINITY
  async function flush(): Promise<void> {
    const taken = counts
    counts = new Map()
    const at = clock.now()
    const open = [...taken].filter(([collection]) => !isOver(collection))
    const entries = open.map(([collection, traffic]) => ({
      stream: streamOf(collection),
      value: { at, ...traffic } as unknown as Json,
      keep: KEPT_ENTRIES,
    }))
    if (entries.length > 0) await (await ledger()).commit([], entries)
  }
  return {
    flush,
    count(collection, what) {
      if (isOver(collection)) return
      const traffic = counts.get(collection) ?? { ...NO_TRAFFIC }
      traffic[what]++
      counts.set(collection, traffic)
      if (flushing !== null || clock.monotonic() - flushedAt < flushMs) return
      flushedAt = clock.monotonic()
      flushing = flush().finally(() => {
        flushing = null
      })
      background(flushing)
    },
  }
}

const PAGE = 500
const PAGES_MAX = 40

/** What all instances have counted since `since` (wall-clock milliseconds); `null` when they have counted nothing. */
export async function trafficSince(ledger: Ledger, collection: string, since: number): Promise<TrafficCounts | null> {
  const sum = { ...NO_TRAFFIC }
  let before: string | null = null
  let found = false
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.entries(streamOf(collection), { before, newestFirst: true, limit: PAGE })
    for (const { position, value } of items) {
      const entry = value as unknown as TrafficCounts & { at: number }
      if (entry.at < since) return found ? sum : null
      found = true
      before = position
      for (const what of Object.keys(NO_TRAFFIC) as (keyof TrafficCounts)[]) sum[what] += entry[what]
    }
    if (end) break
  }
  return found ? sum : null
}

/** When any instance last wrote counts; `null`: none ever has. */
export async function lastTrafficAt(ledger: Ledger, collection: string): Promise<number | null> {
  const { items } = await ledger.entries(streamOf(collection), { before: null, newestFirst: true, limit: 1 })
  return (items[0]?.value as { at: number } | undefined)?.at ?? null
}

function streamOf(collection: string): string {
  return `traffic/${collection}`
}
