import type { PassFacts } from '../../core/readiness.js'
import { progressOf } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import { latestRun } from '../runs/store.js'
import { collectionStatus } from '../status.js'

/** What is known of a pass over a collection, for those who estimate how far away a way back is. */
export async function passFacts(context: EngineContext, name: string): Promise<PassFacts> {
  const [{ source, target }, backfill] = await Promise.all([
    collectionStatus(context, name),
    latestRun(context.ledger, name, 'backfill'),
  ])
  return {
    open: target.open,
    listed: source.records,
    perSecond: backfill === null ? null : progressOf(backfill).perSecond,
  }
}
