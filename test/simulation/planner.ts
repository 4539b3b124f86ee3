import { overrulePlan } from '../../lib/commands/operators/plans/overrule-plan.js'
import { pausePlan } from '../../lib/commands/operators/plans/pause-plan.js'
import { resumePlan } from '../../lib/commands/operators/plans/resume-plan.js'
import { startPlan } from '../../lib/commands/operators/plans/start-plan.js'
import type { Condition, PlanStep } from '../../lib/core/plan/plan.js'
import { theWeek } from '../../lib/core/plan/the-week.js'
import { autopilotOf } from '../../lib/engine/autopilot/on-stores.js'
import { planStatus } from '../../lib/engine/autopilot/status.js'
import { COLLECTION } from './clients.js'
import type { Process } from './process.js'
import { acknowledgeAll, type Clerk, verb } from './staff.js'
import type { Whole } from './whole.js'

export const PLAN = 'the-week'

const CALLER = { name: 'planner', role: 'admin' } as const
const reason = 'simulation'
/** What an operator tries before giving the plan up. */
const STARTS_MAX = 20

/** Starts the plan, and looks after it while the clients are at work: as little or as much as the scenario says. */
export async function lookAfterPlan(clerk: Clerk, whole: Whole): Promise<void> {
  const { scene, random } = clerk
  const steps = stepsOf(whole)
  let started = false
  for (let attempt = 0; attempt < STARTS_MAX && !started; attempt++) {
    const input = { name: PLAN, collections: [COLLECTION], timeScale: whole.timeScale, steps: [...steps], reason }
    started =
      (await verb(clerk, 'start the plan', ({ command }) => startPlan.run(command, input, CALLER))) !== undefined
    await scene.world.sleep(random.below(2_000))
  }
  for (let turn = 0; turn < TURNS; turn++) {
    await scene.world.sleep(random.below((2 * whole.durationMs) / TURNS))
    if (whole.overrules) await interfere(clerk)
    else if (random.chance(0.5)) await acknowledgeAll(clerk)
  }
}

const TURNS = 8

async function interfere(clerk: Clerk): Promise<void> {
  const { random } = clerk
  const kind = random.next()
  if (kind < 0.2)
    await verb(clerk, 'pause the plan', ({ command }) => pausePlan.run(command, { name: PLAN, reason }, CALLER))
  else if (kind < 0.6)
    await verb(clerk, 'resume the plan', ({ command }) => resumePlan.run(command, { name: PLAN, reason }, CALLER))
  else if (kind < 0.7) await acknowledgeAll(clerk)
  else {
    const how = random.pick(['advance', 'repeat', 'repeat', 'skip', 'turn-back'] as const)
    const input = { name: PLAN, verb: how, reason }
    await verb(clerk, `overrule: ${how}`, ({ command }) => overrulePlan.run(command, input, CALLER))
  }
}

/** A paused plan goes on, and one that has turned back tries again. */
export async function resumeThePlan(clerk: Clerk): Promise<void> {
  await acknowledgeAll(clerk)
  await verb(clerk, 'resume the plan', async ({ command }) => {
    const { status } = await statusOf(command)
    if (status === 'paused') await resumePlan.run(command, { name: PLAN, reason }, CALLER)
    return status
  })
}

function statusOf({ engine }: Process['command']): ReturnType<typeof planStatus> {
  return planStatus(autopilotOf({ context: engine }), PLAN)
}

/** The default week, or as much of it as the scenario allows. */
function stepsOf({ plan, cleanUp, maxErrorShare }: Whole): (PlanStep & { gate: Condition[] })[] {
  const { steps } = theWeek([COLLECTION], { minCompared: 0, minSamples: 1, minOperations: 1, maxErrorShare })
  const days = plan === 'short' ? 3 : 7
  const measured = maxErrorShare < 1
  return steps
    .filter(({ day, action }) => day <= days && (cleanUp || action.kind !== 'clean-up'))
    .map((step) => ({
      ...step,
      // Where nothing is measured the plan does not wait for clients.
      gate: step.gate.filter(({ kind }) => measured || (kind !== 'error-rate' && kind !== 'comparisons')),
    }))
}
