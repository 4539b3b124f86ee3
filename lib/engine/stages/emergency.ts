import { CutoverError, type ErrorCode } from '../../core/error.js'
import type { EngineContext } from '../context.js'
import { leaveBehind } from './leave-behind.js'
import { type Mover, pairsOf } from './move.js'
import { type WalkResult, walkStages } from './walk.js'

export type EmergencyResult = WalkResult | { kind: 'failed'; code: ErrorCode; message: string }

/**
 * Every collection back as far as is safe at once, each on its own: one that cannot be moved holds up no other. A
 * target that does not answer is left behind where that is enabled.
 */
export function emergencyRollback(
  context: EngineContext,
  mover: Mover,
): Promise<{ collection: string; result: EmergencyResult }[]> {
  return Promise.all(
    context.collections.map(async ({ name }) => ({ collection: name, result: await rollBack(context, name, mover) })),
  )
}

async function rollBack(context: EngineContext, collection: string, mover: Mover): Promise<EmergencyResult> {
  const walk = { collection, direction: 'down' as const, to: 'dualwrite' as const, action: 'emergency-rollback' }
  try {
    return await walkStages(context, walk, mover)
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    const left = error.code === 'unavailable' ? await withoutTarget(context, collection, mover) : null
    return left ?? { kind: 'failed', code: error.code, message: error.message }
  }
}

async function withoutTarget(context: EngineContext, name: string, mover: Mover): Promise<WalkResult | null> {
  const collection = context.collections.find((candidate) => candidate.name === name)
  if (collection === undefined || collection.leaseMs === null) return null
  try {
    for (const [, target] of pairsOf(collection)) await target.control()
    return null // it answers: the trouble lies elsewhere
  } catch (error) {
    if (!(error instanceof CutoverError) || error.code !== 'unavailable') return null
  }
  const left = await leaveBehind(context, collection, 'target', mover).catch(() => null)
  if (left === null || left.kind === 'refused') return null
  const { from, to, epoch } = left
  return { kind: 'moved', from: from ?? to, to, epoch, rolloutPercent: 100, pending: null }
}
