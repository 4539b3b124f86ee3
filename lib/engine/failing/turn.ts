import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { pairsOf } from '../stages/move.js'
import { type BreakerNote, boardsOf, orAway } from './board.js'
import { STORE_NAMES } from './orders.js'
import { answers, type StoreName } from './store-breaker.js'

/**
 * The cron's turn: a breaker that is told to be open and has no traffic left to find out otherwise is found out here.
 * Two crons at once, or one beside an instance that probes, ask the store once more than needed; the note changes by
 * compare-and-swap, and whoever comes second leaves it.
 */
export async function lookAfterBreakers(context: EngineContext): Promise<Json> {
  const boards = boardsOf({ ledger: async () => context.ledger, documents: context.documents })
  const found: { [store: string]: Json } = {}
  for (const store of STORE_NAMES) {
    const shown = await orAway(boards[store].read())
    if (shown === null) found[store] = 'unreachable'
    else if (shown.note?.state !== 'open') found[store] = 'closed'
    else if (!(await answers(() => ask(context, store)))) found[store] = 'open'
    else {
      const at = context.clock.now()
      const note: BreakerNote = { ...shown.note, state: 'closed', because: 'probe-answered', since: at, by: 'cron' }
      const told = await orAway(boards[store].write({ ...note, attempt: 0, lease: null }, shown.revision))
      found[store] = told === true ? 'found-well' : 'open'
    }
  }
  return found
}

async function ask({ collections }: EngineContext, store: StoreName): Promise<void> {
  const [first] = collections
  const [pair] = first === undefined ? [] : pairsOf(first)
  if (pair !== undefined) await (store === 'source' ? pair[0] : pair[1]).control()
}
