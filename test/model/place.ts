import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import type { Collection, Surroundings } from '../../lib/engine/collection.js'
import { QUIET_MS } from '../../lib/engine/finish/clean-up.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Source } from '../../lib/ports/store.js'
import type { Ports } from './behaviour.js'
import { askedStores } from './requests.js'
import { COLLECTION, standingClock } from './stores.js'

/** Whoever waits for less has not waited for the leases to end. */
const LEASE_MS = 1_000

/** A wait that stands for the end of all losses. */
export const SAFE = -1

/** What the actors of one chain have in common. */
export interface Setting {
  /** Degrade is enabled: a store that answers alone needs to have seen the other one. */
  leases: boolean
  /** The target loses data: an alarm is no fault. */
  losses: boolean
  /** Reads and conditional writes of the whole document are what reaches the source, each in its own time. */
  documents: boolean
}

/** The collection as a process sees it: all that it asks of its stores is asked of the world. */
export function placeOf(
  { ask, emit }: Ports,
  { leases, losses, documents }: Setting,
): { collection: Collection; around: Surroundings } {
  const asked = askedStores(ask)
  const source = documents ? overDocuments(asked.documents) : asked.source
  const collection: Collection = {
    name: COLLECTION,
    source: { partitions: [source] },
    target: { partitions: [asked.target], plain: asked.plain } as unknown as Collection['target'],
    leaseMs: leases ? LEASE_MS : null,
  }
  const sleep = async (ms: number): Promise<void> => {
    if (ms === SAFE) await ask({ store: 'world', call: 'safe', key: 'safe', run: async () => null })
    else if (ms === QUIET_MS) await ask({ store: 'world', call: 'quiet', key: 'quiet', run: async () => null })
    else if (leases && ms >= LEASE_MS)
      await ask({ store: 'world', call: 'sleep', key: `sleep ${ms}`, run: async () => null })
  }
  const report: Surroundings['report'] = (event) => {
    if (event.kind === 'target-lost-data' && !losses) emit({ kind: 'broke', text: `False alarm: ${event.sign}.` })
  }
  return { collection, around: { clock: { ...standingClock(0), sleep }, background: () => {}, report } }
}

function overDocuments(documents: DocumentStore): Source {
  const clock = standingClock(0)
  return documentSource({ documents, name: 'document', collection: COLLECTION, clock, shape: 'map' })
}
