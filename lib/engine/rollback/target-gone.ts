import { CutoverError } from '../../core/error.js'
import { notSentReason } from '../../core/failing/not-sent.js'
import { collectionOf, type EngineContext } from '../context.js'
import { leaveBehind } from '../stages/leave-behind.js'
import { type Mover, pairsOf } from '../stages/move.js'
import type { WalkResult } from '../stages/walk.js'

/**
 * Back without a target that does not answer: strict slots go on with the source alone, where that is enabled. `null`:
 * the target answers, leaving it behind is not enabled, or the source is not known to have everything.
 */
export async function withoutTarget(context: EngineContext, name: string, mover: Mover): Promise<WalkResult | null> {
  const collection = collectionOf(context, name)
  if (collection.leaseMs === null) return null
  try {
    for (const [, target] of pairsOf(collection)) await target.control()
    return null // it answers: the trouble lies elsewhere
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') return null
    if (notSentReason(error) !== null) return null // it was not asked, and may be well
  }
  const left = await leaveBehind(context, collection, 'target', mover).catch(() => null)
  if (left === null || left.kind === 'refused') return null
  const { from, to, epoch } = left
  return { kind: 'moved', from: from ?? to, to, epoch, rolloutPercent: 100, pending: null }
}
