import { CutoverError, type ErrorCode } from '../../core/error.js'
import type { EngineContext } from '../context.js'
import { withoutTarget } from '../rollback/target-gone.js'
import type { Mover } from './move.js'
import { type WalkResult, walkDown } from './walk.js'

export type EmergencyResult = WalkResult | { kind: 'failed'; code: ErrorCode; message: string }

/**
 * Every collection back as far as is safe at once, each on its own: one that cannot be moved holds up no other. A
 * target that does not answer is left behind where that is enabled. What would take a pass is left where it is; the
 * emergency stop and rollbacks go on from there.
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
    return await walkDown(context, walk, mover)
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
    const left = error.code === 'unavailable' ? await withoutTarget(context, collection, mover) : null
    return left ?? { kind: 'failed', code: error.code, message: error.message }
  }
}
