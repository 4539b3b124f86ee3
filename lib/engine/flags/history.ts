import type { Json } from '../../core/json.js'
import { isJsonObject } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'
import { AUDIT_STREAM, type AuditEntry } from '../audit.js'
import { searchStream } from '../state/search.js'

export type FlagChange = Omit<AuditEntry, 'at' | 'collection'> & { position: string; at: string }

/**
 * Who changed a flag, when, why, and what it was before and after: its entries in the audit trail, newest first. A call
 * looks through a bounded part of the trail; `next` says where to go on.
 */
export async function flagHistory(
  ledger: Ledger,
  { name, before, limit }: { name: string; before?: string | undefined; limit: number },
): Promise<{ items: FlagChange[]; next: string | null }> {
  const { items, next } = await searchStream<AuditEntry>(ledger, AUDIT_STREAM, {
    before,
    limit,
    test: (entry) => isOf(name, entry.before) || isOf(name, entry.after),
  })
  return { items: items.map(({ collection, at, ...entry }) => ({ ...entry, at: new Date(at).toISOString() })), next }
}

function isOf(name: string, side: Json): boolean {
  return isJsonObject(side) && side.flag === name
}
