import { CutoverError } from '../../core/error.js'
import { type Operator, stepToGoOnAt } from '../../core/plan/operate.js'
import type { Advanced } from '../../core/program/advance.js'
import { checkProgram } from '../../core/program/check.js'
import * as operate from '../../core/program/operate.js'
import type { Program } from '../../core/program/program.js'
import { isAtWork, type ProgramState, phaseOf, phaseStateOf, planOf } from '../../core/program/state.js'
import { findPlan } from '../autopilot/kept.js'
import { overrulePlan } from '../autopilot/steer.js'
import { commitProgram, findProgram, type KeptProgram, readProgram } from './kept.js'
import type { Programs } from './parts.js'
import { stopProgram } from './stop.js'

/**
 * Starts a program. Starting the very program that is already under way answers its state; another of the same name is a
 * `conflict`. One that has ended is replaced, and begins every phase anew. `invalid-input` names every fault.
 */
export async function startProgram(programs: Programs, program: Program, operator: Operator): Promise<ProgramState> {
  const { ledger, clock } = programs.autopilot
  const names = program.phases.flatMap(({ components }) => components)
  checkProgram(program, await programs.kinds(names), await programs.checkNames())
  await mustNotBeStopped(programs, program.name)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const kept = await findProgram(ledger, program.name)
    if (kept !== null && isUnderWay(kept.state)) {
      if (JSON.stringify(kept.state.program) === JSON.stringify(program)) return kept.state
      throw new CutoverError('conflict', `A program ${program.name} exists and is ${kept.state.status}.`)
    }
    const { state, notes } = operate.begin(program, operator, clock.now(), kept?.state ?? null)
    const committed = await commitProgram(ledger, kept, state, notes)
    if (committed === null) continue
    await wakeNow(programs, committed)
    return committed.state
  }
  throw contended(program.name)
}

/** Nothing more begins, of the phases' plans neither. What is under way at this moment ends, and is recorded. */
export function pauseProgram(programs: Programs, name: string, operator: Operator): Promise<ProgramState> {
  return steer(programs, name, (state, now) => operate.pause(state, operator, now))
}

export async function resumeProgram(programs: Programs, name: string, operator: Operator): Promise<ProgramState> {
  await mustNotBeStopped(programs, name)
  return steer(programs, name, (state, now) => operate.resume(state, operator, now))
}

/** Ends a program where it stands: what was rolled out stays so, and its plans let their components go. */
export async function cancelProgram(programs: Programs, name: string, operator: Operator): Promise<ProgramState> {
  const { ledger } = programs.autopilot
  const { status } = (await readProgram(ledger, name)).state
  if (status === 'finished')
    throw new CutoverError('conflict', `The program ${name} is finished.`, { details: { status } })
  await stopProgram(programs.autopilot, name, operator, 'cancelled')
  return (await readProgram(ledger, name)).state
}

/** A phase that has turned back or failed begins again, at the first step that was undone. */
export async function retryPhase(
  programs: Programs,
  name: string,
  phase: string,
  operator: Operator,
): Promise<ProgramState> {
  await mustNotBeStopped(programs, name)
  const { state } = await readProgram(programs.autopilot.ledger, name)
  phaseOf(state, phase)
  const { attempt } = phaseStateOf(state, phase)
  const plan = await findPlan(programs.autopilot, planOf(name, phase, attempt))
  if (plan !== null && plan.state.rollingBack.length > 0)
    throw new CutoverError('conflict', `The phase ${phase} is still being turned back.`)
  const startAt = plan === null ? 0 : stepToGoOnAt(plan.state)
  operate.retry(state, phase, startAt, operator, 0)
  await programs.settle(name, phase, operator)
  return steer(programs, name, (now, at) => operate.retry(now, phase, startAt, operator, at))
}

export async function overrulePhase(
  programs: Programs,
  name: string,
  phase: string,
  verb: operate.OverrulePhase,
  operator: Operator,
): Promise<ProgramState> {
  const { state } = await readProgram(programs.autopilot.ledger, name)
  phaseOf(state, phase)
  const { status, attempt } = phaseStateOf(state, phase)
  if (verb === 'advance' && status === 'running') {
    await overrulePlan(programs.autopilot, planOf(name, phase, attempt), 'advance', operator)
    return state
  }
  const how = { skip: operate.skip, advance: operate.passChecks, 'turn-back': operate.turnBack }[verb]
  return steer(programs, name, (now, at) => how(now, phase, operator, at))
}

const ATTEMPTS_MAX = 5

async function steer(
  programs: Programs,
  name: string,
  changed: (state: ProgramState, now: number) => Advanced,
): Promise<ProgramState> {
  const { ledger, clock } = programs.autopilot
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const kept = await readProgram(ledger, name)
    const { state, notes } = changed(kept.state, clock.now())
    if (notes.length === 0) return kept.state
    const committed = await commitProgram(ledger, kept, state, notes)
    if (committed === null) continue
    await wakeNow(programs, committed)
    return committed.state
  }
  throw contended(name)
}

async function wakeNow(programs: Programs, { state, revision }: KeptProgram): Promise<void> {
  if (state.status !== 'running') return
  const { name } = state.program
  await programs.wake({ program: name, deduplicationId: `program-${name}-${revision}-steered`, delayMs: 0 })
}

function isUnderWay({ status, phases }: ProgramState): boolean {
  return status === 'running' || status === 'paused' || Object.values(phases).some(isAtWork)
}

async function mustNotBeStopped(programs: Programs, name: string): Promise<void> {
  const why = await programs.stopped()
  if (why !== null) throw new CutoverError('conflict', `The program ${name} cannot begin: ${why}.`)
}

function contended(name: string): CutoverError {
  return new CutoverError('contended', `The program ${name} was changed by others at the same moment. Try again.`)
}
