import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'

/** Weighs every armed rule against what was measured, and carries out what was decided. */
export async function weighRules(_context: EngineContext, _deadlineAt: number): Promise<Json> {
  return {}
}
