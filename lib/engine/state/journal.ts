import type { Json } from '../../core/json.js'
import { RETENTION, type StateEntry, type StateKind } from '../../core/state/kinds.js'
import type { Entry } from '../../ports/ledger.js'

/** An entry for the ledger, to be committed together with what it tells of. */
export function stateEntry(kind: StateKind, entry: StateEntry): Entry {
  return { stream: streamOfKind(kind), value: entry as unknown as Json, keep: RETENTION[kind].entries }
}

export function streamOfKind(kind: StateKind): string {
  return `state/${kind}`
}
