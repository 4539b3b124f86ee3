import { CutoverError } from '../../core/error.js'
import type { EngineContext } from '../context.js'
import { enforceOverrides } from './enforce.js'
import { noteSwitches } from './seen.js'

/**
 * What a server does of the environment's overrides when it starts: enters them into the audit trail if they are others
 * than before, and begins to turn back what they force down. A store or a ledger that is away holds up no start; the
 * tick does all of it again.
 */
export async function startUp(context: EngineContext): Promise<void> {
  await noteSwitches(context).catch(leaveToTick)
  await enforceOverrides(context).catch(leaveToTick)
}

function leaveToTick(error: unknown): void {
  if (!(error instanceof CutoverError)) throw error
}
