import { type RecordedRequest, requestKey } from '../../core/checkpoint/request.js'
import type { Json } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'

/**
 * Requests recorded from real traffic, kept in the ledger: per collection one document for each hour of the last two
 * days, with at most 200 requests each, chosen evenly among those of the hour. What is older is overwritten, and removed
 * by the cron. What is kept of a request is said by `RecordedRequest`: no body, no token, no other header.
 */
interface Hour {
  hour: number
  /** How many were offered. */
  seen: number
  requests: RecordedRequest[]
}

const HOURS_KEPT = 48
const HOUR_MS = 3_600_000
const REQUESTS_MAX = 200
const ATTEMPTS_MAX = 4
const PREFIX = 'recorded'

/** Adds what an instance has recorded; `chance` answers numbers in [0, 1). What cannot be kept is given up. */
export async function keepRecorded(
  ledger: Ledger,
  collection: string,
  requests: readonly RecordedRequest[],
  chance: () => number,
): Promise<void> {
  for (const hour of new Set(requests.map(({ at }) => Math.floor(at / HOUR_MS)))) {
    const added = requests.filter(({ at }) => Math.floor(at / HOUR_MS) === hour)
    const key = hourKey(collection, hour)
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const held = await ledger.read(key)
      const kept = held === null ? null : (held.value as unknown as Hour)
      if (kept !== null && kept.hour > hour) break
      const next = withMore(kept?.hour === hour ? kept : { hour, seen: 0, requests: [] }, added, chance)
      const change = { key, ifRevision: held?.revision ?? null, value: next as unknown as Json }
      if ((await ledger.commit([change])).kind === 'committed') break
    }
  }
}

/** Recorded requests since a time (wall-clock milliseconds), newest first, each asked once, at most `max`. */
export async function recordedRequests(
  ledger: Ledger,
  collection: string,
  since: number,
  max: number,
): Promise<RecordedRequest[]> {
  const { items } = await ledger.list(`${PREFIX}/${collection}/`, null, HOURS_KEPT)
  const all = items.flatMap(({ value }) => (value as unknown as Hour).requests).filter(({ at }) => at >= since)
  const once = new Map<string, RecordedRequest>()
  for (const request of all.sort((a, b) => b.at - a.at)) {
    const key = `${request.method} ${requestKey(request)}`
    if (!once.has(key)) once.set(key, request)
  }
  return [...once.values()].slice(0, max)
}

/** Reservoir sampling (Vitter's algorithm R): each that was offered is among those kept with the same probability. */
function withMore({ hour, seen, requests }: Hour, added: readonly RecordedRequest[], chance: () => number): Hour {
  const kept = [...requests]
  let offered = seen
  for (const request of added) {
    offered += 1
    const place = kept.length < REQUESTS_MAX ? kept.length : Math.floor(chance() * offered)
    if (place < REQUESTS_MAX) kept[place] = request
  }
  return { hour, seen: offered, requests: kept }
}

function hourKey(collection: string, hour: number): string {
  return `${PREFIX}/${collection}/${String(hour % HOURS_KEPT).padStart(2, '0')}`
}
