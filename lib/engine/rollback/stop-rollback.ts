import { CutoverError } from '../../core/error.js'
import { given, type Rollback } from '../../core/rollback/rollback.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { commit, readRollback } from './kept.js'

const ATTEMPTS_MAX = 8

/** Ends a rollback where it stands; a run of its goes on. `conflict` where it has ended. */
export async function stopRollback(context: EngineContext, id: string, { by, reason }: Mover): Promise<Rollback> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await readRollback(context.ledger, id)
    const { status } = held.rollback
    if (status !== 'under-way')
      throw new CutoverError('conflict', `The rollback ${id} has ended: it is ${status}.`, { details: { status } })
    const next = { ...given(held.rollback, 'stopped', `Stopped by ${by}: ${reason}`, context.clock.now()), by }
    const committed = await commit(context, held, next)
    if (committed !== null) return committed.rollback
  }
  throw new CutoverError('contended', `The rollback ${id} moves on too fast. Try again.`)
}
