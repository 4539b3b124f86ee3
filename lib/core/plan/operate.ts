import { CutoverError } from '../error.js'
import { checkPlan } from './check.js'
import { type MigrationPlan, subjectsOf, takenDownBy } from './plan.js'
import { decided, enterStep, type PlanState, stepOf, type Turn } from './state.js'
import { stepAfterTurningBack } from './walk.js'
import { leaveStep, turnBack } from './weigh.js'

/** What an operator does to a plan. Each answers the turn, or throws `conflict` when the plan's state forbids it. */
export interface Operator {
  by: string
  reason: string
}

export type Overrule =
  | 'advance' // leave the step now, whatever its gate says; its action must be done
  | 'skip' // leave the step now, even if its action is not done
  | 'repeat' // begin the step again
  | 'turn-back' // roll the step back now

/**
 * `entry`: that of the plan which this one replaces, so that the runs of both keep apart. `stepIndex`: where to begin,
 * if what lies before it is done.
 */
export function begin(plan: MigrationPlan, operator: Operator, now: number, entry = 0, stepIndex = 0): Turn {
  const state = enterStep({ ...EMPTY, plan: checkPlan(plan), entry }, stepIndex, now)
  return decided(state, state, { kind: 'plan-started', at: now, ...operator })
}

export function pause(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'paused') return { state, decision: null }
  if (state.status !== 'running' && state.rollingBack.length === 0) throw forbidden(state, 'paused')
  return decided(state, { ...state, status: 'paused' }, { kind: 'plan-paused', at: now, ...operator })
}

/**
 * After a pause the plan goes on where it was; time and evidence went on meanwhile. After a turning back it goes on at
 * the first step that was undone; after a failure it begins the step again, and from the first step if it was stopped.
 */
export function resume(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'running') return { state, decision: null }
  if (state.status === 'finished') throw forbidden(state, 'resumed')
  const note = { kind: 'plan-resumed', at: now, ...operator } as const
  if (state.status === 'paused')
    return decided(state, { ...state, status: state.rollingBack.length > 0 ? 'turned-back' : 'running' }, note)
  if (state.rollingBack.length > 0) throw forbidden(state, 'resumed while collections are being rolled back')
  mustBeFree(state, now)
  return decided(state, enterStep(state, stepToGoOnAt(state), now), note)
}

/** The step at which a plan that has turned back or failed goes on. */
export function stepToGoOnAt({ plan, status, stepIndex, stopped }: PlanState): number {
  if (stopped === true) return 0
  return status === 'turned-back' ? stepAfterTurningBack(plan, stepIndex) : stepIndex
}

/**
 * Ends the plan where it stands: nothing of it goes on, also not a turning back. An action that is under way at this
 * moment ends, and is recorded.
 */
export function fail(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'finished' || (state.status === 'failed' && state.rollingBack.length === 0))
    return { state, decision: null }
  const after: PlanState = { ...state, status: 'failed', rollingBack: [], blocked: {}, stopped: true }
  return decided(state, after, { kind: 'plan-failed', at: now, ...operator })
}

/**
 * Turns the plan back from where it stands, also after its last step. A plan that has turned back, or is doing so, is
 * left alone. Throws `conflict` where there is no way back, and while an action is under way.
 */
export function withdraw(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'turned-back') return { state, decision: null }
  mustBeFree(state, now)
  const { rollback } = stepOf(state)
  if (rollback === null || takenDownBy(state.plan, rollback).length === 0)
    throw forbidden(state, 'turned back: the step has no rollback')
  return decided(state, turnBack(state), { kind: 'plan-withdrawn', at: now, ...operator })
}

/** A paused plan stays paused when its step is left or begun again; a turning back is carried out. */
export function overrule(state: PlanState, verb: Overrule, operator: Operator, now: number): Turn {
  if (state.status === 'finished') throw forbidden(state, 'overruled')
  if (state.status === 'turned-back' && verb !== 'repeat')
    throw forbidden(state, `overruled with ${verb}: resume it first`)
  mustBeFree(state, now)
  const after = overruled(state, verb, now)
  const status = state.status === 'paused' && after.status === 'running' ? 'paused' : after.status
  const reason = `${verb}: ${operator.reason}`
  const { verdicts } = state
  return decided(state, { ...after, status }, { kind: 'plan-overruled', at: now, by: operator.by, reason, verdicts })
}

function overruled(state: PlanState, verb: Overrule, now: number): PlanState {
  if (verb === 'repeat') return enterStep(state, state.stepIndex, now)
  if (verb === 'turn-back') {
    if (stepOf(state).rollback === null) throw forbidden(state, 'turned back: the step has no rollback')
    return turnBack(state)
  }
  if (verb === 'advance' && !isActionDone(state))
    throw forbidden(state, 'advanced before the action of its step is done: skip leaves it without')
  return leaveStep(state, now)
}

function isActionDone(state: PlanState): boolean {
  return subjectsOf(state.plan, stepOf(state).action).every((collection) => {
    const progress = state.progress[collection]
    return progress?.kind === 'done' || (progress?.kind === 'run' && progress.status === 'complete')
  })
}

/** An action under way would be recorded on, and act after, a decision that did not know of it. */
function mustBeFree({ plan, claim }: PlanState, now: number): void {
  if (claim === null || claim.until <= now) return
  throw new CutoverError(
    'conflict',
    `The plan ${plan.name} is acting on ${claim.collection} at this moment. Try again in a moment.`,
    { details: { claimedUntil: claim.until } },
  )
}

function forbidden({ plan, status, rollingBack }: PlanState, what: string): CutoverError {
  return new CutoverError('conflict', `The plan ${plan.name} is ${status} and cannot be ${what}.`, {
    details: { status, rollingBack },
  })
}

const EMPTY: Omit<PlanState, 'plan'> = {
  form: 1,
  status: 'running',
  stepIndex: 0,
  entry: 0,
  stepStartedAt: 0,
  progress: {},
  blocked: {},
  claim: null,
  rollingBack: [],
  stopped: false,
  verdicts: [],
  weighedAt: null,
  history: [],
}
