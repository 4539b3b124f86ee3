import { CutoverError } from '../../core/error.js'
import { after, nextStep, type Rollback, type StepOutcome } from '../../core/rollback/rollback.js'
import { collectionOf, type EngineContext } from '../context.js'
import { claimEpoch } from '../stages/move.js'
import type { WalkResult } from '../stages/walk.js'
import { driveAtOnce, isAtOnce } from './drive.js'
import { SOURCE_IS_FULL } from './runs.js'
import { moveStepFrom } from './steps.js'

type Refused = Extract<WalkResult, { kind: 'refused' }>

/**
 * What a rollback begins with and the protocol allows at once, as `driveAtOnce` does it, but the first move that moves
 * anything is made by compare-and-swap from the epoch `ifEpoch`; where nothing is moved at once, the epoch is claimed
 * without moving. Refused there, nothing was done; from there on the epochs are the rollback's own.
 */
export async function driveFromEpoch(
  context: EngineContext,
  rollback: Rollback,
  ifEpoch: number,
): Promise<Rollback | Refused> {
  let reached = rollback
  for (let turn = 0; turn < rollback.steps.length && reached.status === 'under-way'; turn++) {
    if (!(await isAtOnce(context, reached))) break
    const outcome = await oneStep(context, reached, ifEpoch)
    if (outcome === null) break
    if (outcome.kind === 'refused') return outcome
    const number = nextStep(reached)
    const isMove = number !== null && reached.steps[number]?.step.kind === 'move'
    reached = number === null ? reached : after(reached, number, outcome, context.clock.now())
    if (isMove && outcome.kind === 'done') return driveAtOnce(context, reached)
    if (outcome.kind === 'waits') return reached
  }
  return (await claim(context, reached, ifEpoch)) ?? reached
}

/** While a store is away nobody moves anything, and what waits for it may be begun. */
async function claim(context: EngineContext, rollback: Rollback, ifEpoch: number): Promise<Refused | null> {
  const { component, by, reason } = rollback
  try {
    return await claimEpoch(collectionOf(context, component), ifEpoch, { by, reason }, context)
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return null
    throw error
  }
}

async function oneStep(
  context: EngineContext,
  rollback: Rollback,
  ifEpoch: number,
): Promise<StepOutcome | Refused | null> {
  const number = nextStep(rollback)
  const state = number === null ? undefined : rollback.steps[number]
  if (state === undefined) return null
  // It was found to be at once: there is nothing to pass. Were that no longer so, the epoch would have moved.
  if (state.step.kind !== 'move') return { kind: 'skipped', note: SOURCE_IS_FULL }
  try {
    return await moveStepFrom(context, rollback, state.step.to, ifEpoch)
  } catch (error) {
    // What was turned by others in the middle of it is for the turns that follow.
    if (!(error instanceof CutoverError) || error.code !== 'conflict') throw error
    return { kind: 'waits', note: error.message }
  }
}
