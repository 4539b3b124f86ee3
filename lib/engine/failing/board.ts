import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { DocumentStore } from '../../ports/document.js'
import type { Ledger } from '../../ports/ledger.js'
import type { StoreName } from './store-breaker.js'

/**
 * Where instances tell each other of a store that does not answer: one small note for each store, changed by
 * compare-and-swap, kept where it can be read while that store cannot: of the source in the ledger, of the target (whose
 * database holds the ledger too) beside the source's documents. Nobody reads it while all is well.
 *
 * It is advice. A note that is wrong, old, lost or unreadable makes an instance probe for itself, and nothing worse.
 */
export interface Board {
  read(): Promise<Shown>
  /** `false`: somebody has changed it meanwhile. */
  write(note: BreakerNote, from: Shown['revision']): Promise<boolean>
}

export interface Shown {
  revision: string | number | null
  note: BreakerNote | null
}

export interface BreakerNote {
  state: 'open' | 'closed'
  because: string
  /** Wall-clock milliseconds, of the instance that wrote it. Clocks differ: nothing waits longer for them than it would anyway. */
  since: number
  by: string
  /** Probes that have failed, and when the next one is due. */
  attempt: number
  nextAt: number
  /** Who asks the store at present, alone for all, and until when at most. */
  lease: { by: string; until: number } | null
}

export function boardsOf(places: { ledger: () => Promise<Ledger>; documents: DocumentStore }): {
  [store in StoreName]: Board
} {
  return { source: ledgerBoard(places.ledger, 'source'), target: documentBoard(places.documents, 'target') }
}

function ledgerBoard(ledger: () => Promise<Ledger>, store: StoreName): Board {
  const key = noteOfStore(store)
  return {
    async read() {
      const held = await (await ledger()).read(key)
      return held === null ? { revision: null, note: null } : { revision: held.revision, note: noteOf(held.value) }
    },
    async write(note, from) {
      const ifRevision = typeof from === 'number' ? from : null
      const change = { key, ifRevision, value: { ...note } }
      return (await (await ledger()).commit([change])).kind === 'committed'
    },
  }
}

/** Where a note is kept in the ledger. */
export function noteOfStore(store: StoreName): string {
  return `breaker/${store}`
}

function documentBoard(documents: DocumentStore, store: StoreName): Board {
  const name = `cutover/breaker-${store}.json`
  return {
    async read() {
      const held = await documents.get(name)
      if (held === null || held === 'unchanged') return { revision: null, note: null }
      return { revision: held.etag, note: noteOf(parseOrUndefined(held.text)) }
    },
    async write(note, from) {
      const ifMatch = typeof from === 'string' ? from : null
      return (await documents.put(name, `${JSON.stringify(note)}\n`, { ifMatch })).kind === 'stored'
    },
  }
}

/** What is no note is as good as none: it is written over. */
function noteOf(value: Json | undefined): BreakerNote | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const { state, because, since, by, attempt, nextAt, lease } = value as { [name in keyof BreakerNote]?: unknown }
  const counts = [since, attempt, nextAt]
  if ((state !== 'open' && state !== 'closed') || !counts.every(Number.isFinite)) return null
  if (typeof because !== 'string' || typeof by !== 'string' || !isLease(lease)) return null
  return value as unknown as BreakerNote
}

function isLease(value: unknown): boolean {
  if (value === null) return true
  const { by, until } = (value ?? {}) as { by?: unknown; until?: unknown }
  return typeof by === 'string' && Number.isFinite(until)
}

function parseOrUndefined(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** `null` where the place does not answer. */
export async function orAway<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CutoverError) return null
    throw error
  }
}
