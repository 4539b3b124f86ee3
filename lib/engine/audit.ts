import type { Json } from '../core/json.js'
import type { Clock } from '../ports/clock.js'
import type { Entry, Ledger } from '../ports/ledger.js'
import { searchStream } from './state/search.js'

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
  by?: string | undefined
  /** Wall-clock milliseconds: entries from the first and before the second. */
  from?: number | undefined
  to?: number | undefined
  limit: number
}

type ShownEntry = Omit<AuditEntry, 'at'> & { position: string; at: string }

/** Newest first, a page at a time. */
export async function readAudit(
  ledger: Ledger,
  { collection, action, by, ...range }: AuditQuery,
): Promise<{ items: ShownEntry[]; next: string | null }> {
  const { items, next } = await searchStream<AuditEntry>(ledger, AUDIT_STREAM, {
    ...range,
    test: (entry) =>
      (collection === undefined || entry.collection === collection) &&
      (action === undefined || entry.action === action) &&
      (by === undefined || entry.by === by),
  })
  return { items: items.map(({ position, ...entry }) => ({ ...entry, position, at: timeOf(entry) })), next }
}

function timeOf({ at }: AuditEntry): string {
  return new Date(at).toISOString()
}
