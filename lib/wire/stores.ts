import type { FailingSettings } from '../core/environment.js'
import { Gate } from '../core/failing/gate.js'
import { notSent } from '../core/failing/not-sent.js'
import { systemClock } from '../drivers/clock.js'
import type { Collection, Surroundings } from '../engine/collection.js'
import { boardsOf } from '../engine/failing/board.js'
import { type Breakers, guardedCollection } from '../engine/failing/guarded.js'
import { StoreBreaker, type StoreName } from '../engine/failing/store-breaker.js'
import type { DocumentStore } from '../ports/document.js'
import type { Ledger } from '../ports/ledger.js'

/**
 * The collections as the application's traffic meets them, and the breakers that stand before their stores. All sources
 * are in one place and all targets in one database: one breaker each. What only trouble needs is loaded in trouble.
 */
export function openBreakers(
  { breakers }: FailingSettings,
  collections: readonly Collection[],
  around: { documents: DocumentStore; ledger: () => Promise<Ledger>; background: Surroundings['background'] },
): { collections: readonly Collection[]; breakers?: Breakers } {
  const [first] = collections
  const source = first?.source.partitions[0]
  const target = first?.target.partitions[0]
  if (!breakers || source === undefined || target === undefined) return { collections }
  const boards = boardsOf(around)
  const open = (store: StoreName): StoreBreaker =>
    new StoreBreaker(store, {
      board: boards[store],
      clock: systemClock,
      background: around.background,
      probe: () => (store === 'source' ? source : target).control(),
      orders: async () => {
        const { isForcedOpen } = await import('../engine/failing/orders.js')
        return isForcedOpen(await around.ledger(), store)
      },
    })
  const both: Breakers = { source: open('source'), target: open('target') }
  return { collections: collections.map((one) => guardedCollection(one, both)), breakers: both }
}

/** Documents with a bound on the requests under way at once. */
export function limitedDocuments(documents: DocumentStore, { requestsMax }: FailingSettings): DocumentStore {
  const gate = gateOf('the source', requestsMax)
  return {
    label: documents.label,
    get: (name, knownEtag) => gate.pass(() => documents.get(name, knownEtag)),
    put: (name, text, condition) => gate.pass(() => documents.put(name, text, condition)),
    remove: (name, condition) => gate.pass(() => documents.remove(name, condition)),
    list: (prefix) => gate.pass(() => documents.list(prefix)),
  }
}

export function gateOf(store: string, requestsMax: number): Gate {
  const waitingMax = WAITING_TIMES * requestsMax
  return new Gate({ atOnce: requestsMax, waitingMax }, () => notSent('too-many-requests', store, 1))
}

/** For each request under way so many may wait. */
const WAITING_TIMES = 4
