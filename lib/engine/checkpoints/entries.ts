import type { CheckpointEntry, CheckpointKind, CheckpointOutcome } from '../../core/checkpoint/checkpoint.js'
import type { Ledger } from '../../ports/ledger.js'
import { streamOfKind } from '../state/journal.js'

/** What entries are wanted; absent: all. */
export interface EntryQuery {
  component?: string | undefined
  kind?: string | undefined
  outcome?: string | undefined
  phase?: string | undefined
  /** Wall-clock milliseconds: not settled before. */
  since?: number | undefined
  /** Position to go on before. */
  before?: string | undefined
  limit: number
}

/**
 * Settled checkpoints, newest first. Filters look through a bounded part of the stream at a time, and `next` says where
 * to go on.
 */
export async function checkpointEntries(
  ledger: Ledger,
  query: EntryQuery,
): Promise<{ items: (CheckpointEntry & { position: string })[]; next: string | null }> {
  return readEntries<CheckpointEntry>(ledger, streamOfKind('validation-checkpoint'), query)
}

const PAGE = 500
const PAGES_MAX = 20

export async function readEntries<E extends { at: number; component: string; outcome: string; phase: string | null }>(
  ledger: Ledger,
  stream: string,
  query: EntryQuery,
): Promise<{ items: (E & { position: string })[]; next: string | null }> {
  const items: (E & { position: string })[] = []
  let before = query.before ?? null
  for (let page = 0; page < PAGES_MAX; page++) {
    const found = await ledger.entries(stream, { before, newestFirst: true, limit: PAGE })
    for (const { position, value } of found.items) {
      before = position
      const entry = value as unknown as E & { kind?: string }
      // Entries are in the order of their commits; clocks of instances differ, so a little older ones may follow.
      if (query.since !== undefined && entry.at < query.since - CLOCKS_DIFFER_MS) return { items, next: null }
      if (!isWanted(entry, query)) continue
      items.push({ ...entry, position })
      if (items.length === query.limit) return { items, next: position }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: before }
}

const CLOCKS_DIFFER_MS = 60_000

function isWanted(
  entry: { at: number; component: string; outcome: string; phase: string | null; kind?: string },
  { component, kind, outcome, phase, since }: EntryQuery,
): boolean {
  const is = (wanted: string | undefined, value: string | null | undefined): boolean =>
    wanted === undefined || wanted === value
  const inTime = since === undefined || entry.at >= since
  return (
    inTime &&
    is(component, entry.component) &&
    is(kind, entry.kind) &&
    is(outcome, entry.outcome) &&
    is(phase, entry.phase)
  )
}

/** A whole check as its stream keeps it. */
export interface CheckEntry {
  at: number
  component: string
  /** The check's. */
  id: string
  phase: string | null
  name: string | null
  outcome: CheckpointOutcome
  checkpoints: { id: string; kind: CheckpointKind; outcome: CheckpointOutcome }[]
  by: string
  reason: string
}

/** Whole checks, newest first, as `checkpointEntries`. */
export function checkEntries(
  ledger: Ledger,
  query: EntryQuery,
): Promise<{ items: (CheckEntry & { position: string })[]; next: string | null }> {
  return readEntries<CheckEntry>(ledger, streamOfKind('phase-check'), query)
}
