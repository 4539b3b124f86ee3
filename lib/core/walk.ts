import type { Place } from './collection-move.js'
import { STAGES, type Stage, stageIndex } from './stage.js'
import type { Move } from './transition.js'

/** Where somebody wants a collection to go, over as many steps as that takes. */
export type Walk = Move

/** A rollout may have to be finished at every stage before the next one begins. */
export const STEPS_MAX = 2 * STAGES.length

/**
 * The next step of a way from `place`. Going up, a rollout that has begun is finished before the next stage, unless the
 * goal lies within it; going down, the jump that the table of steps allows is taken at once. A rollout percentage
 * belongs to the last step.
 */
export function stepFrom(place: Place, walk: Walk): { move: Move; isLast: boolean } {
  const to = nextGoal(place, walk)
  const isLast = walk.to === undefined || to === walk.to
  return { move: { direction: walk.direction, to, rolloutPercent: isLast ? walk.rolloutPercent : undefined }, isLast }
}

/** The stage that a way up leads to from `place`; `null`: it is no way up, or leads nowhere. */
export function goalAbove({ stage, percent }: Place, { direction, to }: Walk): Stage | null {
  if (direction === 'down') return null
  const goal = to ?? (percent < 100 ? stage : (STAGES[stageIndex(stage) + 1] ?? stage))
  return stageIndex(goal) < stageIndex(stage) || (goal === stage && percent === 100) ? null : goal
}

function nextGoal({ stage, percent }: Place, { direction, to, rolloutPercent }: Walk): Stage | undefined {
  if (to === undefined) {
    // From here there is one way down, whatever stages the other slots stand at.
    const oneWay = direction === 'down' && (stage === 'rampdown' || stage === 'complete')
    return oneWay ? STAGES[stageIndex(stage) - 1] : undefined
  }
  const gap = stageIndex(to) - stageIndex(stage)
  if (direction === 'up' && gap > 0 && percent < 100 && (gap > 1 || (rolloutPercent ?? 100) > percent)) return stage
  if (direction === 'up' && gap > 1) return STAGES[stageIndex(stage) + 1]
  if (direction === 'down' && gap < -1 && !(stage === 'live' && to === 'dualwrite'))
    return STAGES[stageIndex(stage) - 1]
  return to
}
