import { CutoverError } from '../../core/error.js'
import { isAtWork, type ProgramNote, type ProgramState, planOf, withPhase } from '../../core/program/state.js'
import type { Autopilot } from '../autopilot/actions.js'
import { findPlan } from '../autopilot/kept.js'
import { autopilotOf } from '../autopilot/on-stores.js'
import { failPlan } from '../autopilot/steer.js'
import type { EngineContext } from '../context.js'
import type { Mover } from '../stages/move.js'
import { commitProgram, programNames, readProgram } from './kept.js'

/**
 * Ends every program that is under way, at once: `failed` with the reason, the phases at work and their plans too, and
 * no message or cron begins anything of it again before somebody retries a phase. Answers their names.
 *
 * May be asked for twice, and goes on where it was broken off: a program that is `failed` already keeps its place, and
 * its plans are seen to again. Throws when the ledger does not answer.
 */
export async function stopPrograms(context: EngineContext, mover: Mover): Promise<string[]> {
  const autopilot = autopilotOf({ context })
  const stopped: string[] = []
  for (const name of await programNames(context.ledger)) {
    if (await stopProgram(autopilot, name, mover, 'failed')) stopped.push(name)
  }
  return stopped
}

/** Names of the programs that would be ended. */
export async function programsToStop({ ledger, clock }: EngineContext, mover: Mover): Promise<string[]> {
  const states = await Promise.all((await programNames(ledger)).map((name) => readProgram(ledger, name)))
  return states.flatMap(({ state }) =>
    stoppedState(state, mover, 'failed', clock.now()).notes.length > 0 ? [state.program.name] : [],
  )
}

/** Answers whether it was under way. */
export async function stopProgram(
  autopilot: Autopilot,
  name: string,
  mover: Mover,
  to: 'failed' | 'cancelled',
): Promise<boolean> {
  const { ledger, clock } = autopilot
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const kept = await readProgram(ledger, name)
    const { after, notes } = stoppedState(kept.state, mover, to, clock.now())
    if (notes.length > 0 && (await commitProgram(ledger, kept, after, notes)) === null) continue
    await stopPlans(autopilot, after, mover)
    return notes.length > 0
  }
  throw new CutoverError('contended', `The program ${name} was changed by others at the same moment. Try again.`)
}

const ATTEMPTS_MAX = 5

function stoppedState(
  state: ProgramState,
  { by, reason }: Mover,
  to: 'failed' | 'cancelled',
  at: number,
): { after: ProgramState; notes: ProgramNote[] } {
  const atWork = Object.entries(state.phases).filter(([, phase]) => isAtWork(phase))
  const underWay = state.status === 'running' || state.status === 'paused' || atWork.length > 0
  const isOver = state.status === 'finished' || state.status === 'cancelled' || (state.status === to && !underWay)
  if (isOver) return { after: state, notes: [] }
  let after: ProgramState = { ...state, status: to, because: reason, endedAt: at }
  const notes: ProgramNote[] = [{ at, by, kind: `program-${to}`, phase: null, reason }]
  for (const [phase] of atWork) {
    after = withPhase(after, phase, { status: 'failed', because: reason, endedAt: at })
    notes.push({ at, by, kind: 'phase-stopped', phase, reason })
  }
  return { after, notes }
}

/** Every plan that a phase has begun: one that has ended is left alone. */
async function stopPlans(autopilot: Autopilot, { program, phases }: ProgramState, mover: Mover): Promise<void> {
  for (const [phase, { attempt, status }] of Object.entries(phases)) {
    if (attempt === 0 || status !== 'failed') continue
    const name = planOf(program.name, phase, attempt)
    if ((await findPlan(autopilot, name)) !== null) await failPlan(autopilot, name, mover)
  }
}
