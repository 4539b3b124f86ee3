import { CutoverError } from '../error.js'
import { checkPlan } from './check.js'
import type { MigrationPlan } from './plan.js'
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

/** `entry`: that of the plan which this one replaces, so that the runs of both keep apart. */
export function begin(plan: MigrationPlan, operator: Operator, now: number, entry = 0): Turn {
  const state = enterStep({ ...EMPTY, plan: checkPlan(plan), entry }, 0, now)
  return decided(state, state, { kind: 'plan-started', at: now, ...operator })
}

export function pause(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'paused') return { state, decision: null }
  if (state.status !== 'running' && state.rollingBack.length === 0) throw forbidden(state, 'paused')
  return decided(state, { ...state, status: 'paused' }, { kind: 'plan-paused', at: now, ...operator })
}

/**
 * After a pause the plan goes on where it was; time and evidence went on meanwhile. After a turning back it goes on at
 * the first step that was undone; after a failure it begins the step again.
 */
export function resume(state: PlanState, operator: Operator, now: number): Turn {
  if (state.status === 'running') return { state, decision: null }
  if (state.status === 'finished') throw forbidden(state, 'resumed')
  const note = { kind: 'plan-resumed', at: now, ...operator } as const
  if (state.status === 'paused')
    return decided(state, { ...state, status: state.rollingBack.length > 0 ? 'turned-back' : 'running' }, note)
  if (state.rollingBack.length > 0) throw forbidden(state, 'resumed while collections are being rolled back')
  mustBeFree(state, now)
  const at = state.status === 'turned-back' ? stepAfterTurningBack(state.plan, state.stepIndex) : state.stepIndex
  return decided(state, enterStep(state, at, now), note)
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
  if (stepOf(state).action.kind === 'none') return true
  return state.plan.collections.every((collection) => {
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
  verdicts: [],
  weighedAt: null,
  history: [],
}
