import { CutoverError } from '../error.js'
import type { Evidence, Verdict } from './evidence.js'
import type { MigrationPlan, PlanStep } from './plan.js'

/**
 * Where a plan stands: one document, replaced as a whole by compare-and-swap. What the plan will do next follows from
 * it alone (`nextOf`), so that any function instance may take the next turn.
 */
export interface PlanState {
  form: 1
  plan: MigrationPlan
  status: PlanStatus
  stepIndex: number
  /** Grows at every entry into a step, also into the same one: names the runs of that entry. */
  entry: number
  /** Wall-clock milliseconds. */
  stepStartedAt: number
  /** What the step's action has come to, per collection. Absent: not begun. */
  progress: { readonly [collection: string]: Progress }
  /** Why an action could not be carried out the last time; it is tried again. */
  blocked: { readonly [collection: string]: string }
  /** Somebody is carrying out an action now. */
  claim: Claim | null
  /** Collections that a turning back has not yet taken down. */
  rollingBack: readonly string[]
  /** Somebody has ended it wherever it stood, and others may have moved what it took along: it begins anew. */
  stopped?: boolean
  /** Of the last weighing. */
  verdicts: readonly Verdict[]
  weighedAt: number | null
  /** The latest decisions, oldest first; all are in the audit trail. */
  history: readonly PlanDecision[]
}

export type PlanStatus =
  | 'running'
  | 'paused' // by an operator: nothing acts
  | 'turned-back' // waits for an operator, after what is left in `rollingBack`
  | 'finished'
  | 'failed' // an action was refused for good: somebody must look

export type Progress =
  | { kind: 'done'; at: number; how: string }
  | { kind: 'run'; runId: string; starts: number; status: RunStatus | 'lost' }

export type RunStatus = 'running' | 'paused' | 'complete' | 'failed' | 'cancelled'

/**
 * Taken by compare-and-swap before an action, given back with its result. It outlives the function that took it, so
 * an action that is still under way is never overtaken; after a crash the next tick takes over when it has run out.
 */
export interface Claim {
  id: string
  collection: string
  kind: 'act' | 'roll-back'
  /** Wall-clock milliseconds. */
  until: number
}

export interface PlanDecision {
  kind: DecisionKind
  at: number
  by: string
  collection: string | null
  before: Place
  after: Place
  reason: string
  /** What an action has changed of a component's rollout, in percent. */
  rollout?: { before: number; after: number }
  /** The exact inputs: what was weighed, and the evidence it was weighed from. */
  verdicts: readonly Verdict[]
  evidence: { readonly [collection: string]: Evidence | null }
}

type DecisionKind =
  | 'plan-started'
  | 'plan-acted'
  | 'plan-blocked'
  | 'plan-waits'
  | 'plan-advanced'
  | 'plan-finished'
  | 'plan-turned-back'
  | 'plan-rolled-back'
  | 'plan-failed'
  | 'plan-paused'
  | 'plan-resumed'
  | 'plan-overruled'
  | 'plan-withdrawn'

interface Place {
  status: PlanStatus
  step: string
}

/** A next state, and the decision that led to it, if there was one to record. */
export interface Turn {
  state: PlanState
  decision: PlanDecision | null
}

const HISTORY_MAX = 50

export function stepOf({ plan, stepIndex }: PlanState): PlanStep {
  const step = plan.steps[stepIndex]
  if (step === undefined) throw new CutoverError('internal', `The plan ${plan.name} has no step ${stepIndex}.`)
  return step
}

/** Begins the step at `stepIndex`, as if for the first time. */
export function enterStep(state: PlanState, stepIndex: number, now: number): PlanState {
  return {
    ...state,
    status: 'running',
    stepIndex,
    entry: state.entry + 1,
    stepStartedAt: now,
    progress: {},
    blocked: {},
    claim: null,
    rollingBack: [],
    stopped: false,
    verdicts: [],
    weighedAt: null,
  }
}

/** The turn from `before` to `after`, recorded. */
export function decided(
  before: PlanState,
  after: PlanState,
  note: Pick<PlanDecision, 'kind' | 'at' | 'by' | 'reason'> & Partial<PlanDecision>,
): Turn {
  const decision: PlanDecision = {
    collection: null,
    verdicts: [],
    evidence: {},
    before: placeOf(before),
    after: placeOf(after),
    ...note,
  }
  return { state: { ...after, history: [...after.history, decision].slice(-HISTORY_MAX) }, decision }
}

/** Wall-clock time from which the step's evidence and soak count: when a move or rollout had taken effect, else its beginning. */
export function countsFrom(state: PlanState): number {
  const { kind } = stepOf(state).action
  if (kind !== 'move' && kind !== 'rollout') return state.stepStartedAt
  const moved = Object.values(state.progress).map((progress) => (progress.kind === 'done' ? progress.at : 0))
  return Math.max(state.stepStartedAt, ...moved)
}

function placeOf(state: PlanState): Place {
  return { status: state.status, step: stepOf(state).name }
}
