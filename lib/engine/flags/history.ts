import type { Json } from '../../core/json.js'
import { isJsonObject } from '../../core/json.js'
import type { Ledger } from '../../ports/ledger.js'
import { AUDIT_STREAM, type AuditEntry } from '../audit.js'

export type FlagChange = Omit<AuditEntry, 'at' | 'collection'> & { position: string; at: string }

/**
 * Who changed a flag, when, why, and what it was before and after: its entries in the audit trail, newest first. A call
 * looks through a bounded part of the trail; `next` says where to go on.
 */
export async function flagHistory(
  ledger: Ledger,
  { name, before: from, limit }: { name: string; before?: string | undefined; limit: number },
): Promise<{ items: FlagChange[]; next: string | null }> {
  const items: FlagChange[] = []
  let before: string | null = from ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await ledger.entries(AUDIT_STREAM, { before, newestFirst: true, limit: PAGE })
    for (const { position, value } of found.items) {
      before = position
      const { collection, ...entry } = value as unknown as AuditEntry
      if (!isOf(name, entry.before) && !isOf(name, entry.after)) continue
      items.push({ ...entry, position, at: new Date(entry.at).toISOString() })
      if (items.length === limit) return { items, next: position }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: before }
}

const PAGE = 500
const PAGES_MAX = 20

function isOf(name: string, side: Json): boolean {
  return isJsonObject(side) && side.flag === name
}
