import { CutoverError } from '../error.js'
import type { Phase, Program } from './program.js'

/**
 * Where a program stands: one document, replaced as a whole by compare-and-swap. How far a phase's components are, its
 * plan says; this says which phases have begun, by which plan, and what they came to.
 */
export interface ProgramState {
  form: 1
  program: Program
  status: ProgramStatus
  /** Why it stands where it stands, where somebody or something has brought it there. */
  because: string | null
  phases: { readonly [phase: string]: PhaseState }
  startedAt: number
  endedAt: number | null
  /** The latest decisions, oldest first; all are in the journal. */
  history: readonly ProgramNote[]
}

export type ProgramStatus =
  | 'running'
  | 'paused' // by an operator: nothing acts
  | 'failed' // nothing goes on until an operator retries or overrules a phase
  | 'cancelled'
  | 'finished'

export interface PhaseState {
  status: PhaseStatus
  /** Grows at every start and is never used again: its plan is named by it. 0: never begun. */
  attempt: number
  /** The step at which its plan begins. */
  startAt: number
  startedAt: number | null
  endedAt: number | null
  /** When its plan was through: checks count from then on. */
  checkedFrom: number | null
  because: string | null
  /** It is turned back because of another phase, and begins again by itself after that one. */
  along?: boolean
}

export type PhaseStatus =
  | 'waiting'
  | 'running' // its plan is at work
  | 'checking' // its plan is through; the checks after it are not
  | 'finished'
  | 'turning-back'
  | 'turned-back'
  | 'failed' // its plan was refused something for good, was stopped, or cannot go back
  | 'skipped' // by an operator: phases that depend on it may begin

export interface ProgramNote {
  at: number
  by: string
  kind: string
  /** `null`: it concerns the program. */
  phase: string | null
  reason: string
}

const HISTORY_MAX = 50

export function newProgram(program: Program, now: number, before: ProgramState | null): ProgramState {
  // Names of plans are never used again, whatever phases the program had before.
  const attempt = Math.max(0, ...Object.values(before?.phases ?? {}).map((phase) => phase.attempt))
  const phases = program.phases.map(({ name }): [string, PhaseState] => [name, { ...WAITING, attempt }])
  const rest = { because: null, startedAt: now, endedAt: null, history: [] }
  return { form: 1, program, status: 'running', phases: Object.fromEntries(phases), ...rest }
}

const WAITING: PhaseState = {
  status: 'waiting',
  attempt: 0,
  startAt: 0,
  startedAt: null,
  endedAt: null,
  checkedFrom: null,
  because: null,
}

export function phaseOf({ program }: ProgramState, name: string): Phase {
  const found = program.phases.find((phase) => phase.name === name)
  if (found !== undefined) return found
  const names = program.phases.map((phase) => phase.name).join(', ')
  throw new CutoverError('not-found', `The program ${program.name} has no phase ${name}. It has: ${names}.`)
}

export function phaseStateOf({ phases, program }: ProgramState, name: string): PhaseState {
  const found = Object.hasOwn(phases, name) ? phases[name] : undefined
  if (found === undefined) throw new CutoverError('internal', `The program ${program.name} keeps no phase ${name}.`)
  return found
}

/** The state with a phase changed. */
export function withPhase(state: ProgramState, name: string, change: Partial<PhaseState>): ProgramState {
  return { ...state, phases: { ...state.phases, [name]: { ...phaseStateOf(state, name), ...change } } }
}

/** The plan that carries out an attempt of a phase. */
export function planOf(program: string, phase: string, attempt: number): string {
  return `${program}--${phase}--${attempt}`
}

/** Its plan may be at work. */
export function isAtWork({ status }: Pick<PhaseState, 'status'>): boolean {
  return status === 'running' || status === 'checking' || status === 'turning-back'
}

/** What depends on it may begin. */
export function isDone({ status }: PhaseState): boolean {
  return status === 'finished' || status === 'skipped'
}

export function noted(state: ProgramState, note: ProgramNote): ProgramState {
  return { ...state, history: [...state.history, note].slice(-HISTORY_MAX) }
}
