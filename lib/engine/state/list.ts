import type { StateEntry, StateKind } from '../../core/state/kinds.js'
import type { Ledger } from '../../ports/ledger.js'
import { streamOfKind } from './journal.js'
import { searchStream } from './search.js'

export interface StateQuery {
  kind: StateKind
  component?: string | undefined
  /** Members that must have these values, compared as text. */
  where?: { [member: string]: string }
  before?: string | undefined
  from?: number | undefined
  to?: number | undefined
  limit: number
}

/** Entries of one kind, newest first. */
export function listState(
  ledger: Ledger,
  { kind, component, where = {}, ...range }: StateQuery,
): Promise<{ items: (StateEntry & { position: string })[]; next: string | null }> {
  const asked = Object.entries(where)
  return searchStream<StateEntry>(ledger, streamOfKind(kind), {
    ...range,
    test: (entry) =>
      (component === undefined || entry.component === component) &&
      asked.every(([member, value]) => Object.hasOwn(entry, member) && textOf(entry[member]) === value),
  })
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
