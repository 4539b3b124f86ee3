import { CutoverError } from '../error.js'
import type { Operator } from '../plan/operate.js'
import { type Advanced, turnPhaseBack } from './advance.js'
import type { Program } from './program.js'
import { isAtWork, newProgram, type ProgramState, phaseOf, phaseStateOf, withPhase } from './state.js'

/** What an operator does to a program. Each answers the change, or throws `conflict` when its state forbids it. */
export function begin(program: Program, { by, reason }: Operator, at: number, before: ProgramState | null): Advanced {
  const notes = [{ at, by, kind: 'program-started', phase: null, reason }]
  return { state: newProgram(program, at, before), notes }
}

export function pause(state: ProgramState, operator: Operator, now: number): Advanced {
  if (state.status === 'paused') return { state, notes: [] }
  if (state.status !== 'running') throw forbidden(state, 'paused')
  return to(state, 'paused', operator, 'program-paused', now)
}

export function resume(state: ProgramState, operator: Operator, now: number): Advanced {
  if (state.status === 'running') return { state, notes: [] }
  if (state.status !== 'paused') throw forbidden(state, 'resumed: retry or overrule the phases that stand')
  return to(state, 'running', operator, 'program-resumed', now)
}

/** The phase begins again, once all that it depends on is done; `startAt`: the step of its plan at which it does. */
export function retry(state: ProgramState, name: string, startAt: number, operator: Operator, now: number): Advanced {
  phaseOf(state, name)
  const { status, attempt } = phaseStateOf(state, name)
  if (status !== 'turned-back' && status !== 'failed') throw forbidden(state, `retried: its phase ${name} is ${status}`)
  if (attempt >= ATTEMPTS_MAX) throw forbidden(state, `retried: its phase ${name} was begun ${attempt} times`)
  const { by, reason } = operator
  const again = withPhase(goingOn(state, name), name, { status: 'waiting', startAt, because: null })
  return { state: again, notes: [{ at: now, by, kind: 'phase-retried', phase: name, reason }] }
}

/** So that its plan's name holds it. */
const ATTEMPTS_MAX = 999

export type OverrulePhase =
  | 'skip' // a phase that is not at work counts as done
  | 'advance' // leave the step, or the checks, where the phase is
  | 'turn-back' // turn back a phase that is at work or finished

export function skip(state: ProgramState, name: string, { by, reason }: Operator, now: number): Advanced {
  phaseOf(state, name)
  const phase = phaseStateOf(state, name)
  if (isAtWork(phase) || phase.status === 'finished')
    throw forbidden(state, `told to skip the phase ${name}, which is ${phase.status}: turn it back first`)
  if (phase.status === 'skipped') return { state, notes: [] }
  const skipped = withPhase(goingOn(state, name), name, { status: 'skipped', endedAt: now, because: reason })
  return { state: skipped, notes: [{ at: now, by, kind: 'phase-skipped', phase: name, reason }] }
}

/** The checks after a phase's plan are passed over. */
export function passChecks(state: ProgramState, name: string, { by, reason }: Operator, now: number): Advanced {
  phaseOf(state, name)
  const { status } = phaseStateOf(state, name)
  if (status !== 'checking') throw forbidden(state, `told to advance the phase ${name}, which is ${status}`)
  const passed = withPhase(state, name, { status: 'finished', endedAt: now, because: reason })
  return { state: passed, notes: [{ at: now, by, kind: 'phase-checks-overruled', phase: name, reason }] }
}

export function turnBack(state: ProgramState, name: string, { by, reason }: Operator, now: number): Advanced {
  phaseOf(state, name)
  const { status } = phaseStateOf(state, name)
  if (status === 'turning-back') return { state, notes: [] }
  if (status !== 'running' && status !== 'checking' && status !== 'finished')
    throw forbidden(state, `told to turn back the phase ${name}, which is ${status}`)
  return turnPhaseBack({ state: goingOn(state, name), notes: [] }, name, reason, by, now)
}

/** A program that has ended goes on with a phase; one that is paused stays so. */
function goingOn(state: ProgramState, name: string): ProgramState {
  if (state.status === 'cancelled') throw forbidden(state, `asked to go on with the phase ${name}: start it again`)
  return state.status === 'paused' ? state : { ...state, status: 'running', because: null, endedAt: null }
}

function to(
  state: ProgramState,
  status: 'paused' | 'running',
  { by, reason }: Operator,
  kind: string,
  at: number,
): Advanced {
  return { state: { ...state, status, because: reason }, notes: [{ at, by, kind, phase: null, reason }] }
}

function forbidden({ program, status }: ProgramState, what: string): CutoverError {
  return new CutoverError('conflict', `The program ${program.name} is ${status} and cannot be ${what}.`, {
    details: { status },
  })
}
