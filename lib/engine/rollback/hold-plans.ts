import { CutoverError } from '../../core/error.js'
import { membersOf } from '../../core/plan/plan.js'
import type { PlanState } from '../../core/plan/state.js'
import type { Rollback } from '../../core/rollback/rollback.js'
import type { Autopilot } from '../autopilot/actions.js'
import { planNames, readPlan } from '../autopilot/kept.js'
import { autopilotOf } from '../autopilot/on-stores.js'
import { pausePlan } from '../autopilot/steer.js'
import type { EngineContext } from '../context.js'

/**
 * A plan that leads a component forward would take it up again from where the rollback has left it: it is paused, and an
 * operator decides. Answers the plans that were. What a program or an emergency stop rolls back it sees to itself.
 */
export async function holdPlans(context: EngineContext, rollback: Rollback): Promise<string[]> {
  const { component, cause, by, reason, id } = rollback
  if (cause.kind === 'program' || cause.kind === 'emergency-stop') return []
  const autopilot = autopilotOf({ context })
  const held: string[] = []
  for (const name of await planNames(autopilot)) {
    const state = await readable(autopilot, name)
    if (state === null || state.status !== 'running' || !membersOf(state.plan).includes(component)) continue
    await pausePlan(autopilot, name, { by, reason: `${component} is rolled back (${id}): ${reason}` })
    held.push(name)
  }
  return held
}

/** A damaged plan begins nothing either. */
async function readable(autopilot: Autopilot, name: string): Promise<PlanState | null> {
  try {
    return (await readPlan(autopilot, name)).state
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'corrupt-document') return null
    throw error
  }
}
