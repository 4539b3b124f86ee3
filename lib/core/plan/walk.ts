import { type Fence, INITIAL_FENCE, reach, slotsWhere } from '../fence.js'
import { SLOTS } from '../slot.js'
import { stageIndex } from '../stage.js'
import { decideMove, strictRanges, withFullFlags } from '../transition.js'
import type { MigrationPlan, PlanRollback, PlanStep } from './plan.js'

/**
 * Carries a plan out on an imagined fence, by the very rules that decide real moves: what `decideMove` refuses here it
 * would refuse on the day. A gate with `pass-complete` is taken to have set the full flags it asks for.
 */
export function walk(plan: MigrationPlan): Walked {
  const fences: Fence[] = []
  let fence = INITIAL_FENCE
  let percent = 0
  let lossChecked = false
  for (const step of plan.steps) {
    const rolledOut = rollOut(percent, step)
    if (typeof rolledOut === 'string') return { fences, fault: { step: step.name, fault: rolledOut } }
    percent = rolledOut
    const acted = act(fence, step, lossChecked)
    if (typeof acted === 'string') return { fences, fault: { step: step.name, fault: acted } }
    fences.push(acted)
    const fault = faultOfRollback(acted, step.rollback)
    if (fault !== null) return { fences, fault: { step: step.name, fault } }
    lossChecked ||= step.gate.some(({ kind }) => kind === 'zero-loss')
    const flagged = step.gate.some(({ kind }) => kind === 'pass-complete')
    fence = flagged ? withFullFlags(acted, strictRanges(acted)) : acted
  }
  return { fences, fault: null }
}

export interface Walked {
  /** The fence after each step's action, up to the first fault. */
  fences: readonly Fence[]
  fault: PlanFault | null
}

export interface PlanFault {
  /** `null`: the fault is the plan's, not a step's. */
  step: string | null
  fault: string
}

/**
 * The step at which a plan goes on after `stepIndex` was turned back: the first whose move is undone by the rollback,
 * so that no smaller share of traffic is left out the second time.
 */
export function stepAfterTurningBack(plan: MigrationPlan, stepIndex: number): number {
  const fence = walk(plan).fences[stepIndex]
  const rollback = plan.steps[stepIndex]?.rollback
  if (fence === undefined || rollback == null) return stepIndex
  if (rollback.to === undefined) {
    const { rolloutPercent } = rollback
    const taken = plan.steps.findIndex(
      ({ action }) => action.kind === 'rollout' && action.rolloutPercent > rolloutPercent,
    )
    return taken < 0 ? stepIndex : Math.min(taken, stepIndex)
  }
  const decision = decideMove(fence, { direction: 'down', ...rollback }, 0)
  const back = decision.kind === 'move' ? decision.fence : fence
  const undone = plan.steps.findIndex(({ action }) => {
    if (action.kind !== 'move') return false
    const again = decideMove(back, { direction: 'up', to: action.to, rolloutPercent: action.rolloutPercent }, 0)
    return again.kind === 'move' || again.reason !== 'already-there'
  })
  return undone < 0 ? stepIndex : Math.min(undone, stepIndex)
}

/** The share after a step, in percent; a text is its fault. */
function rollOut(before: number, { action, rollback }: PlanStep): number | string {
  if (action.kind !== 'rollout') return before
  const { rolloutPercent } = action
  if (rolloutPercent <= before) return `rolls out nothing: ${before} % is already reached`
  if (rollback !== null && rollback.to === undefined && rollback.rolloutPercent >= rolloutPercent)
    return 'has a rollback that is not below its own rollout'
  return rolloutPercent
}

function act(fence: Fence, { action }: PlanStep, lossChecked: boolean): Fence | string {
  if (action.kind === 'rollout') return fence
  if (fence.plain)
    return action.kind === 'none' ? fence : `has ${action.kind} after the clean-up, which ends everything`
  if (action.kind === 'clean-up') {
    const complete = slotsWhere(fence, ({ stage }) => stage === 'complete')
    return complete === SLOTS ? { ...fence, plain: true } : 'cleans up before everything stands in complete'
  }
  if (action.kind !== 'move') return fence
  const { to, rolloutPercent } = action
  if (to === 'complete' && !lossChecked) return 'gives the source up before a step whose gate has zero-loss'
  const decision = decideMove(fence, { direction: 'up', to, rolloutPercent }, 0)
  if (decision.kind === 'move') return decision.fence
  if (decision.reason === 'already-there') return `moves nothing: ${to} ${rolloutPercent} % is already reached`
  if (decision.reason === 'target-not-full')
    return `moves to ${to} without an earlier gate with pass-complete in shadow (target-not-full)`
  return `cannot move to ${to} from ${reach(fence).stage} (${decision.reason})`
}

function faultOfRollback(fence: Fence, rollback: PlanRollback | null): string | null {
  if (rollback === null || rollback.to === undefined) return null
  const { stage } = reach(fence)
  if (fence.plain) return 'has a rollback, but there is no way back after the clean-up'
  if (stageIndex(rollback.to) > stageIndex(stage))
    return `has a rollback to ${rollback.to}, above its own stage ${stage}`
  const decision = decideMove(fence, { direction: 'down', ...rollback }, 0)
  if (decision.kind === 'move' || decision.reason === 'already-there') return null
  return `cannot roll back to ${rollback.to} from ${stage} (${decision.reason})`
}
