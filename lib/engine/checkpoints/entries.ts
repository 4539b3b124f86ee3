import type { CheckpointEntry, CheckpointKind, CheckpointOutcome } from '../../core/checkpoint/checkpoint.js'
import type { Ledger } from '../../ports/ledger.js'
import { streamOfKind } from '../state/journal.js'
import { searchStream } from '../state/search.js'

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

export function readEntries<E extends { at: number; component: string; outcome: string; phase: string | null }>(
  ledger: Ledger,
  stream: string,
  { since, before, limit, ...query }: EntryQuery,
): Promise<{ items: (E & { position: string })[]; next: string | null }> {
  return searchStream<E>(ledger, stream, { before, from: since, limit, test: (entry) => isWanted(entry, query) })
}

function isWanted(
  entry: { component: string; outcome: string; phase: string | null; kind?: string },
  { component, kind, outcome, phase }: Omit<EntryQuery, 'since' | 'before' | 'limit'>,
): boolean {
  const is = (wanted: string | undefined, value: string | null | undefined): boolean =>
    wanted === undefined || wanted === value
  return is(component, entry.component) && is(kind, entry.kind) && is(outcome, entry.outcome) && is(phase, entry.phase)
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
