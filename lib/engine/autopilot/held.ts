import type { MigrationPlan } from '../../core/plan/plan.js'
import { planOf } from '../../core/program/state.js'
import type { EngineContext } from '../context.js'
import { findProgram } from '../programs/kept.js'

/** Why a plan may not begin anything now; `null`: it may. */
export async function heldBecause(
  { ledger }: Pick<EngineContext, 'ledger'>,
  { name, program }: MigrationPlan,
): Promise<string | null> {
  if (program === undefined) return null
  const kept = await findProgram(ledger, program)
  if (kept === null) return `the program ${program} is gone`
  const { status, phases } = kept.state
  const ofNow = Object.entries(phases).some(
    ([phase, { attempt, status: at }]) => planOf(program, phase, attempt) === name && at === 'running',
  )
  // Independent phases go on while another has failed; `failed` and what follows it is the program's end.
  if (status !== 'running') return `the program ${program} is ${status}`
  return ofNow ? null : `the program ${program} does not have it at work`
}
