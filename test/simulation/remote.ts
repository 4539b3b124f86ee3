import type { Ledger } from '../../lib/ports/ledger.js'
import { type Place, sender } from './network.js'

/** The ledger over the network to Redis: what befalls requests to the target befalls these. */
export function remoteLedger(place: Place, ledger: Ledger): Ledger {
  const over = sender(place, (name, given) => `ledger ${name} ${JSON.stringify(given).slice(0, SHOWN)}`)
  return {
    label: ledger.label,
    read: over('read', ledger.read),
    commit: over('commit', ledger.commit),
    list: over('list', ledger.list),
    entries: over('entries', ledger.entries),
    head: over('head', ledger.head),
    trim: over('trim', ledger.trim),
    destroy: over('destroy', ledger.destroy),
  }
}

/** Characters of a call that a trace shows: plans are long. */
const SHOWN = 600
