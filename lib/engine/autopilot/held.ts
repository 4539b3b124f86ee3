import type { MigrationPlan } from '../../core/plan/plan.js'
import { planOf } from '../../core/program/state.js'
import type { EngineContext } from '../context.js'
import { findProgram } from '../programs/kept.js'
import { stoppedInLedger } from '../rollback/stopped.js'

/** Why a plan may not begin anything now; `null`: it may. */
export async function heldBecause(
  context: Pick<EngineContext, 'ledger'>,
  { name, program }: MigrationPlan,
): Promise<string | null> {
  const stopped = await stoppedInLedger(context)
  if (stopped !== null) return `${stopped.by} has stopped everything: ${stopped.reason}`
  if (program === undefined) return null
  const kept = await findProgram(context.ledger, program)
  if (kept === null) return `the program ${program} is gone`
  const { status, phases } = kept.state
  const ofNow = Object.entries(phases).some(
    ([phase, { attempt, status: at }]) => planOf(program, phase, attempt) === name && at === 'running',
  )
  // Independent phases go on while another has failed; `failed` and what follows it is the program's end.
  if (status !== 'running') return `the program ${program} is ${status}`
  return ofNow ? null : `the program ${program} does not have it at work`
}
