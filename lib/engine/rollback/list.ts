import type { Rollback, RollbackCause, RollbackStatus } from '../../core/rollback/rollback.js'
import type { EngineContext } from '../context.js'
import { listKept } from './kept.js'
import { readPending } from './pending.js'

export interface RollbackQuery {
  component?: string | undefined
  status?: RollbackStatus | undefined
  cause?: RollbackCause['kind'] | undefined
  /** Id of the last one of the page before. */
  cursor?: string | undefined
  limit: number
}

export const PAGE = 200
const PAGES_MAX = 10

/** Newest first; filters look through a bounded part of the history at a time, and `next` says where to go on. */
export async function listRollbacks(
  { ledger, documents }: Pick<EngineContext, 'ledger' | 'documents'>,
  query: RollbackQuery,
): Promise<{ items: Rollback[]; next: string | null }> {
  const fits = ({ component, status, cause }: Rollback): boolean =>
    (query.component === undefined || component === query.component) &&
    (query.status === undefined || status === query.status) &&
    (query.cause === undefined || cause.kind === query.cause)
  // Those that the ledger has not heard of are the newest.
  const pending = query.cursor === undefined ? (await readPending(documents)).rollbacks.filter(fits) : []
  const items = pending.toReversed().slice(0, query.limit)
  let after = query.cursor ?? null
  for (let page = 0; page < PAGES_MAX && items.length < query.limit; page++) {
    const found = await listKept(ledger, after, PAGE)
    for (const { rollback } of found.items) {
      after = rollback.id
      if (fits(rollback) && !items.some(({ id }) => id === rollback.id)) items.push(rollback)
      if (items.length === query.limit) return { items, next: rollback.id }
    }
    if (found.end) return { items, next: null }
  }
  return { items, next: after }
}
