import type { Json } from '../../core/json.js'
import { RETENTION, STATE_KINDS, type StateKind } from '../../core/state/kinds.js'
import { forgetHours } from '../checkpoints/forget.js'
import type { EngineContext } from '../context.js'
import { prune } from '../rollback/kept.js'
import { streamOfKind } from './journal.js'

/**
 * Entries beyond their kind's time are dropped, a bounded number at a time, and not more often than once an hour
 * however often the cron calls, and with them recorded requests, comparisons and rollbacks that are over. By number they are bounded as they are
 * written. The audit trail is never dropped.
 *
 * Two crons at once trim the same; a crash in between leaves the rest to the next hour.
 */
export async function keepRetention(context: EngineContext, deadlineAt: number): Promise<Json> {
  const { ledger, clock } = context
  const now = clock.now()
  const held = await ledger.read(RETENTION_KEY)
  const { at = 0 } = (held?.value ?? {}) as { at?: number }
  if (now >= at && now - at < EVERY_MS) return { kind: 'not-due' }
  // A ledger that was closed after the last day stays empty.
  if (held === null && (await ledger.head()) === NOTHING_COMMITTED) return { kind: 'nothing-kept' }
  const change = { key: RETENTION_KEY, ifRevision: held?.revision ?? null, value: { at: now } }
  if ((await ledger.commit([change])).kind === 'conflict') return { kind: 'done-by-another' }
  const dropped: { [kind: string]: number } = {}
  for (const kind of STATE_KINDS) {
    if (clock.now() >= deadlineAt) break
    const count = await dropOld(ledger, kind, now)
    if (count > 0) dropped[kind] = count
  }
  if (clock.now() >= deadlineAt) return { kind: 'kept', dropped }
  const [hours, rollbacks] = [await forgetHours(ledger, now), await prune(context)]
  return { kind: 'kept', dropped, ...(hours > 0 ? { hours } : {}), ...(rollbacks > 0 ? { rollbacks } : {}) }
}

export const RETENTION_KEY = 'retention'
const NOTHING_COMMITTED = '0-9999'
const EVERY_MS = 3_600_000
const DAY_MS = 86_400_000
const PAGE = 500
const PAGES_MAX = 10

async function dropOld(ledger: EngineContext['ledger'], kind: StateKind, now: number): Promise<number> {
  const stream = streamOfKind(kind)
  const oldest = now - RETENTION[kind].days * DAY_MS
  let dropped = 0
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await ledger.entries(stream, { after: null, limit: PAGE })
    const young = items.findIndex(({ value }) => (value as { at: number }).at >= oldest)
    const old = young === -1 ? items : items.slice(0, young)
    const last = old.at(-1)
    if (last === undefined) break
    await ledger.trim(stream, last.position)
    dropped += old.length
    if (end || young !== -1) break
  }
  return dropped
}
