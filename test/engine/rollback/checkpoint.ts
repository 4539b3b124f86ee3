import { stateEntry } from '../../../lib/engine/state/journal.js'
import type { World } from '../runs/world.js'

/** A checkpoint of the projects that was settled just now. */
export async function rememberCheckpoint(at: World, outcome: 'pass' | 'breach'): Promise<void> {
  const entry = { at: at.clock.now(), component: 'projects', kind: 'records', outcome, id: 'c1', phase: null }
  await at.context.ledger.commit([], [stateEntry('validation-checkpoint', entry)])
}
