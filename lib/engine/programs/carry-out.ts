import { CutoverError } from '../../core/error.js'
import { takenDownBy } from '../../core/plan/plan.js'
import { stepOf } from '../../core/plan/state.js'
import { planOfPhase } from '../../core/program/course.js'
import { dependentsOf } from '../../core/program/program.js'
import {
  type PhaseState,
  type ProgramState,
  phaseOf,
  phaseStateOf,
  planOf,
  withPhase,
} from '../../core/program/state.js'
import { findPlan } from '../autopilot/kept.js'
import { failPlan, startPlan, withdrawPlan } from '../autopilot/steer.js'
import { commitProgram, type KeptProgram } from './kept.js'
import type { Programs } from './parts.js'
import type { PhaseTick } from './tick.js'

/**
 * Does what the committed state asks for and is not done yet: begins the plan of a phase that is to run, and takes back
 * that of one that is to go back. Asked again, it finds the plan as it left it and does nothing.
 */
export async function carryOut(
  programs: Programs,
  kept: KeptProgram,
  results: { [phase: string]: PhaseTick },
): Promise<void> {
  for (const [name, phase] of Object.entries(kept.state.phases)) {
    try {
      if (phase.status === 'running') await ensureBegun(programs, kept.state, name, phase)
      if (phase.status === 'turning-back') await ensureGoingBack(programs, kept.state, name, phase)
      if (results[name]?.kind === 'waits-to-begin') delete results[name]
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
      if (error.code === 'unavailable') throw error
      if (PASSING.has(error.code)) results[name] = { kind: 'waits-to-begin', why: error.message }
      else await failPhase(programs, kept, name, error)
    }
  }
}

/** Another plan may have what it needs, or somebody was faster: it is tried again. */
const PASSING: ReadonlySet<CutoverError['code']> = new Set<CutoverError['code']>([
  'conflict',
  'contended',
  'outcome-unknown',
])

async function ensureBegun(programs: Programs, state: ProgramState, name: string, held: PhaseState): Promise<void> {
  const { autopilot } = programs
  const { program } = state
  const { attempt, startAt } = held
  if ((await findPlan(autopilot, planOf(program.name, name, attempt))) !== null) return
  const operator = { by: 'programs', reason: `phase ${name} of the program ${program.name}` }
  // One that a turn begun long ago has still brought up after its attempt was over holds what this one needs.
  const before = planOf(program.name, name, attempt - 1)
  const stray = await findPlan(autopilot, before)
  if (stray !== null && stray.state.status === 'running') await failPlan(autopilot, before, operator)
  const phase = phaseOf(state, name)
  const plan = planOfPhase(program, phase, await programs.kinds(phase.components), attempt)
  await startPlan(autopilot, plan, operator, Math.min(startAt, plan.steps.length - 1))
}

/** Those first that nothing depends on. */
async function ensureGoingBack(programs: Programs, state: ProgramState, name: string, held: PhaseState): Promise<void> {
  const dependents = [...dependentsOf(state.program, name)]
  if (dependents.some((other) => phaseStateOf(state, other).status === 'turning-back')) return
  const plan = planOf(state.program.name, name, held.attempt)
  const kept = await findPlan(programs.autopilot, plan)
  if (kept === null || kept.state.status === 'turned-back' || kept.state.status === 'failed') return
  const { rollback } = stepOf(kept.state)
  const operator = { by: 'programs', reason: held.because ?? 'its phase is turned back' }
  if (rollback !== null && takenDownBy(kept.state.plan, rollback).length > 0)
    await withdrawPlan(programs.autopilot, plan, operator)
  else await failPlan(programs.autopilot, plan, operator)
}

/** What was refused for good is somebody's to look at. */
async function failPhase(programs: Programs, kept: KeptProgram, name: string, error: CutoverError): Promise<void> {
  const { ledger, clock } = programs.autopilot
  const at = clock.now()
  const reason = `${error.code}: ${error.message}`
  const state = withPhase(kept.state, name, { status: 'failed', endedAt: at, because: reason })
  await commitProgram(ledger, kept, state, [{ at, by: 'programs', kind: 'phase-failed', phase: name, reason }])
}
