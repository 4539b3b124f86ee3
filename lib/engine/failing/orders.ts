import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { DocumentStore } from '../../ports/document.js'
import type { Ledger } from '../../ports/ledger.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import { type BreakerNote, boardsOf, orAway } from './board.js'
import type { StoreBreaker, StoreName } from './store-breaker.js'

/**
 * What operators see of the breakers, and what they order. An order is a document of the ledger, written together with
 * its entry in the audit trail; instances read it while they work, at most every half minute, so it reaches one that
 * has traffic within about that time, and the one that took it at once.
 *
 * A ledger that does not answer takes no orders: the verb fails and nothing has changed. A reset whose second half (the
 * note for the others) fails is entered, and `told` says that the others go on as they were: they probe anyway.
 */
export interface ShownBreaker {
  store: StoreName
  /** As this instance works it; `null`: it has none, for breakers are off here. */
  here: { state: string; because: string | null; opened: number; refused: number; forMs: number } | null
  /** What instances have told each other; `unreachable`: the place where they do so does not answer. */
  shared: BreakerNote | 'unreachable' | null
  forced: Order | 'unreachable' | null
}

export interface Order {
  by: string
  reason: string
  at: number
}

type Places = Pick<EngineContext, 'ledger' | 'clock' | 'breakers'> & { documents: DocumentStore }

export const STORE_NAMES: readonly StoreName[] = ['source', 'target']

export async function listBreakers(context: Places): Promise<ShownBreaker[]> {
  const boards = boardsOf({ ledger: async () => context.ledger, documents: context.documents })
  return await Promise.all(
    STORE_NAMES.map(async (store): Promise<ShownBreaker> => {
      const [shown, order] = await Promise.all([
        orAway(boards[store].read()),
        orAway(readOrder(context.ledger, store).then((held) => ({ held }))),
      ])
      return {
        store,
        here: hereOf(context.breakers?.[store], context.clock.monotonic()),
        shared: shown === null ? 'unreachable' : shown.note,
        forced: order === null ? 'unreachable' : (order.held?.order ?? null),
      }
    }),
  )
}

function hereOf(mine: StoreBreaker | undefined, now: number): ShownBreaker['here'] {
  if (mine === undefined) return null
  const { state, because, opened, refused, changedAt } = mine.breaker
  return { state, because, opened, refused, forMs: Math.max(0, Math.round(now - changedAt)) }
}

export async function forceOpen(
  context: Places,
  store: StoreName,
  { by, reason }: { by: string; reason: string },
): Promise<Order> {
  const order: Order = { by, reason, at: context.clock.now() }
  const held = await readOrder(context.ledger, store)
  const change = { key: keyOfOrder(store), ifRevision: held?.revision ?? null, value: { ...order } }
  await committed(context, change, { action: 'force-breaker-open', order, store, before: held?.order ?? null })
  context.breakers?.[store].force()
  return order
}

/** Takes an order back, and says on the board that the store is well: each instance finds out whether that is true. */
export async function resetBreaker(
  context: Places,
  store: StoreName,
  { by, reason }: { by: string; reason: string },
): Promise<{ told: boolean }> {
  const order: Order = { by, reason, at: context.clock.now() }
  const held = await readOrder(context.ledger, store)
  const change = { key: keyOfOrder(store), ifRevision: held?.revision ?? null, value: undefined }
  await committed(context, held === null ? null : change, {
    action: 'reset-breaker',
    order,
    store,
    before: held?.order ?? null,
  })
  context.breakers?.[store].close()
  const board = boardsOf({ ledger: async () => context.ledger, documents: context.documents })[store]
  const shown = await orAway(board.read())
  if (shown === null) return { told: false }
  if (shown.note?.state !== 'open') return { told: true }
  const note: BreakerNote = { ...shown.note, state: 'closed', because: 'reset', since: order.at, by, lease: null }
  return { told: (await orAway(board.write(note, shown.revision))) === true }
}

async function committed(
  { ledger }: Places,
  change: { key: string; ifRevision: number | null; value: { [member: string]: Json } | undefined } | null,
  what: { action: string; order: Order; store: StoreName; before: Order | null },
): Promise<void> {
  const { action, order, store, before } = what
  const forced = action === 'force-breaker-open'
  const shown = (held: Order | null): Json => ({ store, forcedOpen: held !== null })
  const entry = auditEntry({
    ...{ at: order.at, by: order.by, action, collection: null, reason: order.reason },
    before: shown(before),
    after: shown(forced ? order : null),
  })
  if ((await ledger.commit(change === null ? [] : [change], [entry])).kind === 'committed') return
  throw new CutoverError(
    'conflict',
    'Somebody else has given an order for this breaker at the same moment. Look again.',
  )
}

/** Whether operators have ordered that the store is left alone. */
export async function isForcedOpen(ledger: Ledger, store: StoreName): Promise<boolean> {
  return (await readOrder(ledger, store)) !== null
}

async function readOrder(ledger: Ledger, store: StoreName): Promise<{ revision: number; order: Order } | null> {
  const held = await ledger.read(keyOfOrder(store))
  return held === null ? null : { revision: held.revision, order: held.value as unknown as Order }
}

export function keyOfOrder(store: StoreName): string {
  return `breaker-order/${store}`
}

/** Sentences for the health check: of what instances have told each other, and of orders. */
export async function breakerIssues(context: Places): Promise<string[]> {
  const issues: string[] = []
  for (const { store, shared, forced } of await listBreakers(context)) {
    if (forced !== null && forced !== 'unreachable')
      issues.push(`The ${store} is left alone by order of ${forced.by}: ${forced.reason}`)
    else if (shared !== null && shared !== 'unreachable' && shared.state === 'open')
      issues.push(
        `The breaker of the ${store} is open since ${new Date(shared.since).toISOString()} (${shared.because}).`,
      )
  }
  return issues
}
