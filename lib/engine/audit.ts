import type { Json } from '../core/json.js'
import type { Clock } from '../ports/clock.js'
import type { Entry, Ledger } from '../ports/ledger.js'

/** The stream of everything that changed a stage, flag, rollout, run, plan or override. Nothing is ever dropped. */
export const AUDIT_STREAM = 'audit'

export interface AuditEntry {
  /** Wall-clock milliseconds. */
  at: number
  by: string
  /** The verb, by its name. */
  action: string
  collection: string | null
  reason: string
  before: Json
  after: Json
}

export function auditEntry(entry: AuditEntry): Entry {
  return { stream: AUDIT_STREAM, value: entry as unknown as Json }
}

/** Enters what was done; for verbs whose work is not itself a commit to the ledger. */
export async function enterAudit(
  { ledger, clock }: { ledger: Ledger; clock: Clock },
  entry: Omit<AuditEntry, 'at'>,
): Promise<void> {
  await ledger.commit([], [auditEntry({ at: clock.now(), ...entry })])
}

export interface AuditQuery {
  before?: string | undefined
  collection?: string | undefined
  action?: string | undefined
  limit: number
}

const PAGE = 500
const PAGES_MAX = 20

/** Newest first; filters look through a bounded part of the trail at a time, and `next` says where to go on. */
export async function readAudit(
  ledger: Ledger,
  query: AuditQuery,
): Promise<{ items: (Omit<AuditEntry, 'at'> & { position: string; at: string })[]; next: string | null }> {
  const items: (Omit<AuditEntry, 'at'> & { position: string; at: string })[] = []
  let before: string | null = query.before ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await ledger.entries(AUDIT_STREAM, { before, newestFirst: true, limit: PAGE })
    for (const { position, value } of found.items) {
      before = position
      const entry = value as unknown as AuditEntry
      if (query.collection !== undefined && entry.collection !== query.collection) continue
      if (query.action !== undefined && entry.action !== query.action) continue
      items.push({ ...entry, position, at: new Date(entry.at).toISOString() })
      if (items.length === query.limit) return { items, next: position }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: before }
}
