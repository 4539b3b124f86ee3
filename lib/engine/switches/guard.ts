import { CutoverError } from '../../core/error.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import type { Rollback } from '../../core/rollback/rollback.js'
import { type Goal, needsBackup, overrideAgainst } from '../../core/switches.js'
import { lastValidatedBackup } from '../backups/validated.js'
import type { EngineContext } from '../context.js'
import { underWay } from '../rollback/kept.js'
import { readPending } from '../rollback/pending.js'
import { stoppedInLedger } from '../rollback/stopped.js'

/**
 * What forbids that a collection goes up to `to`, whoever asks: an operator, a flag, a plan, a clean-up. `null`: nothing
 * does; whether the stores allow it is another question. Nothing here is ever asked about a way down. Where it cannot be
 * told, because the ledger does not answer, this throws, and nothing goes up.
 *
 * What is found may change the moment after: a stop that is entered while a move up is being made is followed by its own
 * rollback, which takes back what was moved.
 */
export async function whatForbids(context: EngineContext, collection: string, to: Goal): Promise<Forbidden | null> {
  const override = overrideAgainst(context.switches, to)
  if (override !== null) {
    const { variable, value, effect, ceiling } = override
    return { reason: 'override-in-force', details: { variable, value, ceiling, message: effect } }
  }
  const [entered, pending, rollback] = await Promise.all([
    stoppedInLedger(context),
    readPending(context.documents),
    underWay(context, collection),
  ])
  const stopped = entered ?? pending.stop
  if (stopped !== null) {
    const { by, reason, at } = stopped
    const message = `${by} has stopped everything: ${reason}`
    return { reason: 'emergency-stopped', details: { by, since: new Date(at).toISOString(), message } }
  }
  const isOf = ({ component, status }: Rollback): boolean => component === collection && status === 'under-way'
  const known = rollback?.rollback ?? pending.rollbacks.find(isOf)
  if (known !== undefined) {
    const { id, inWords } = known
    return { reason: 'rollback-under-way', details: { rollbackId: id, message: inWords } }
  }
  if (!needsBackup(context.switches, to) || (await lastValidatedBackup(context, collection)) !== null) return null
  const message = `There is no validated back-up of ${collection}. Make one (back-up), or unset the variable.`
  const details = { variable: 'MCP_BACKUP_VALIDATION', value: 'true', ceiling: 'live', message }
  return { reason: 'override-in-force', details }
}

/** The same as an error: `conflict`, with the reason as a literal in its details. */
export async function refuseIfForbidden(context: EngineContext, collection: string, to: Goal): Promise<void> {
  const forbidden = await whatForbids(context, collection, to)
  if (forbidden === null) return
  const { reason, details } = forbidden
  throw new CutoverError('conflict', `${collection} may not go to ${to} now: ${details.message ?? reason}`, {
    details: { ...details, reason },
  })
}
