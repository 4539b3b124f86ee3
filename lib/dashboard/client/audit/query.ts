import type { AuditEntry } from '../../state.js'
import type { Query } from '../read.js'

/** What the reader wants to see of the trail; an empty text is no wish. */
export interface Filter {
  action: string
  collection: string
  by: string
  /** How far back, in hours; `null`: as far as it goes. */
  hours: number | null
}

export const NO_FILTER: Filter = { action: '', collection: '', by: '', hours: null }

export function isFiltered({ action, collection, by, hours }: Filter): boolean {
  return action !== '' || collection !== '' || by !== '' || hours !== null
}

/** `before`: the position that the page before ended at. */
export function queryOf({ action, collection, by, hours }: Filter, nowMs: number, before: string | null): Query {
  const since = hours === null ? null : new Date(nowMs - hours * 3_600_000).toISOString()
  return { action: action.trim(), collection: collection.trim(), by: by.trim(), since, before, limit: PAGE }
}

export const PAGE = 50
/** A page that is open for a week is told of more entries than anybody scrolls to: older ones are asked for again. */
const HELD_MAX = 500

/** Entries, newest first, as far as they are known without a gap; `next`: where older ones go on. */
export interface Trail {
  items: AuditEntry[]
  next: string | null
}

/** How many entries of `arrived` are new. */
export function newIn(known: Trail, arrived: Trail): number {
  const [newest] = known.items
  if (newest === undefined) return arrived.items.length
  const at = arrived.items.findIndex(({ position }) => position === newest.position)
  return at < 0 ? arrived.items.length : at
}

/** What is known with what has arrived before it. Where the two do not meet, entries are missing between: it begins anew. */
export function joined(known: Trail, arrived: Trail): Trail {
  const [newest] = known.items
  const at = arrived.items.findIndex(({ position }) => position === newest?.position)
  if (newest === undefined || at < 0) return arrived
  const items = [...arrived.items.slice(0, at), ...known.items]
  const last = items[HELD_MAX - 1]
  if (items.length <= HELD_MAX || last === undefined) return { items, next: known.next }
  return { items: items.slice(0, HELD_MAX), next: last.position }
}

/** With the page that follows. */
export function extended(known: Trail, older: Trail): Trail {
  const held = new Set(known.items.map(({ position }) => position))
  return { items: [...known.items, ...older.items.filter(({ position }) => !held.has(position))], next: older.next }
}

/** What may be chosen from: whatever occurs. */
export function occurring(trails: readonly Trail[], member: 'action' | 'collection' | 'by'): string[] {
  const values = trails.flatMap(({ items }) => items.flatMap((entry) => entry[member] ?? []))
  return [...new Set(values)].sort()
}
