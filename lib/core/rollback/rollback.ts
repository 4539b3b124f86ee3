import type { Stage } from '../stage.js'
import { type Procedure, type ProcedureStep, stepInWords } from './procedure.js'

/**
 * One rollback of one component: a document, replaced as a whole by compare-and-swap. What is to be done next follows
 * from it and from the stores alone, so that any function instance may take the next turn.
 */
export interface Rollback {
  /** Ids of later rollbacks sort before those of earlier ones. */
  id: string
  component: string
  procedure: string
  cause: RollbackCause
  by: string
  reason: string
  status: RollbackStatus
  /** Wall-clock milliseconds. */
  startedAt: number
  endedAt: number | null
  /** Where the component stood, if that could be told. */
  from: { stage: Stage; targetReadPercent: number } | { percent: number } | null
  steps: readonly RollbackStep[]
  /** Plans that were at work on the component, and were paused for it; `null`: that is still to be done. */
  plansPaused: readonly string[] | null
  /** How far it is, in one sentence. */
  inWords: string
  /** Of the pass that is under way; `null`: there is none, or nobody knows. */
  recordsLeft: number | null
  secondsLeft: number | null
  /** It is in the ledger. `false`: the ledger did not answer; what could be done at once was done, and the tick goes on. */
  recorded: boolean
  /** Nothing was done: this is what would happen. */
  rehearsal?: true
}

export interface RollbackCause {
  kind: (typeof CAUSES)[number]
  /** Id of the decision that led to it. */
  decision?: string
}

export const CAUSES = ['operator', 'trigger', 'program', 'emergency-stop', 'override'] as const

export const ROLLBACK_STATUSES = [
  'under-way',
  'completed',
  'failed', // somebody has to look; the note of the failed step says why
  'superseded', // another rollback of the component took over
  'stopped', // by an operator: it stays where it stands
] as const
export type RollbackStatus = (typeof ROLLBACK_STATUSES)[number]

export interface RollbackStep {
  step: ProcedureStep
  status: 'to-do' | 'under-way' | 'done' | 'skipped' | 'failed'
  /** Wall-clock milliseconds. */
  startedAt: number | null
  endedAt: number | null
  /** What came of it, or what it waits for. */
  note: string | null
  /** The run that does it, if it takes one, and how many were started. */
  runId: string | null
  attempts: number
  /** In a rehearsal: how long it would take, if that can be told. */
  seconds?: number | null
}

export interface Beginning {
  id: string
  component: string
  procedure: Procedure
  cause: RollbackCause
  by: string
  reason: string
  at: number
  from: Rollback['from']
}

export function begun({ procedure, at, ...beginning }: Beginning): Rollback {
  return {
    ...beginning,
    procedure: procedure.name,
    status: 'under-way',
    startedAt: at,
    endedAt: null,
    steps: procedure.steps.map((step) => ({ step, ...UNTOUCHED })),
    plansPaused: null,
    inWords: 'It has begun.',
    recordsLeft: null,
    secondsLeft: null,
    recorded: true,
  }
}

const UNTOUCHED: Omit<RollbackStep, 'step'> = {
  status: 'to-do',
  startedAt: null,
  endedAt: null,
  note: null,
  runId: null,
  attempts: 0,
}

/** What came of one attempt at a step. */
export type StepOutcome =
  | { kind: 'done' | 'skipped'; note: string | null }
  /** To be looked at again later. */
  | { kind: 'waits'; note: string; runId?: string | null; recordsLeft?: number | null; secondsLeft?: number | null }
  /** The source may lack something again: the pass before this step is done once more. */
  | { kind: 'pass-again'; note: string }
  | { kind: 'failed'; note: string }

/** A run that ends without what it was for is begun again, this often in all. */
export const PASS_ATTEMPTS_MAX = 5

/** Number of the step that is next; `null`: all are done. */
export function nextStep({ steps }: Pick<Rollback, 'steps'>): number | null {
  const at = steps.findIndex(({ status }) => status === 'to-do' || status === 'under-way')
  return at < 0 ? null : at
}

/** The rollback after an attempt at its step `number`. */
export function after(rollback: Rollback, number: number, outcome: StepOutcome, now: number): Rollback {
  const { steps } = rollback
  if (outcome.kind === 'pass-again') return passAgain(rollback, number, outcome.note, now)
  const changed = steps.map((step, at): RollbackStep => {
    if (at !== number) return step
    const startedAt = step.startedAt ?? now
    if (outcome.kind !== 'waits') return { ...step, startedAt, endedAt: now, status: outcome.kind, note: outcome.note }
    const runId = outcome.runId === undefined ? step.runId : outcome.runId
    const attempts = runId !== null && runId !== step.runId ? step.attempts + 1 : step.attempts
    return { ...step, startedAt, status: 'under-way', note: outcome.note, runId, attempts }
  })
  const left =
    outcome.kind === 'waits'
      ? { recordsLeft: outcome.recordsLeft ?? null, secondsLeft: outcome.secondsLeft ?? null }
      : { recordsLeft: null, secondsLeft: null }
  return ended({ ...rollback, ...left, steps: changed }, outcome, now)
}

/** The rollback without going on with it. */
export function given(rollback: Rollback, status: 'superseded' | 'stopped', note: string, now: number): Rollback {
  return { ...rollback, status, endedAt: now, recordsLeft: null, secondsLeft: null, inWords: note }
}

function passAgain(rollback: Rollback, number: number, note: string, now: number): Rollback {
  const pass = rollback.steps.findLastIndex(({ step }, at) => at < number && step.kind === 'pass')
  const attempts = rollback.steps[pass]?.attempts ?? PASS_ATTEMPTS_MAX
  if (pass < 0 || attempts >= PASS_ATTEMPTS_MAX) return after(rollback, number, { kind: 'failed', note }, now)
  // The pass counts only in a strict stage, which the move before it leads to.
  const first = rollback.steps[pass - 1]?.step.kind === 'move' ? pass - 1 : pass
  const steps = rollback.steps.map((step, at): RollbackStep => {
    if (at < first || at > number) return step
    return { ...step, status: 'to-do', note, endedAt: null, runId: at === pass ? null : step.runId }
  })
  return { ...rollback, steps, inWords: note }
}

function ended(rollback: Rollback, outcome: StepOutcome, now: number): Rollback {
  const number = nextStep(rollback)
  if (outcome.kind === 'failed')
    return { ...rollback, status: 'failed', endedAt: now, inWords: `It has failed: ${outcome.note}` }
  if (number === null) return { ...rollback, status: 'completed', endedAt: now, inWords: 'It is complete.' }
  const step = rollback.steps[number]
  const what = step === undefined ? '' : stepInWords(step.step)
  const note = outcome.kind === 'waits' ? ` (${outcome.note})` : ''
  return { ...rollback, inWords: `Step ${number + 1} of ${rollback.steps.length}: ${what}${note}.` }
}
