import { theWeek } from '../../../lib/core/plan/the-week.js'
import { planStatus } from '../../../lib/engine/autopilot/status.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { type TickResult, tick } from '../../../lib/engine/autopilot/tick.js'
import { World } from './world.js'

export const BOB = { by: 'bob', reason: 'because I say so' }
export const NAME = 'rehearsal'
/** A day a second. */
export const TIME_SCALE = 86_400

/** A started week over `collections`, at the given step: the steps before it are ticked through. */
export async function weekAt(step: string | null, collections: readonly string[] = ['projects'], world = new World()) {
  const autopilot = world.autopilot()
  await startPlan(autopilot, theWeek(collections, { name: NAME, timeScale: TIME_SCALE }), BOB)
  if (step !== null) await until(world, async () => (await planStatus(autopilot, NAME)).step.name === step)
  world.effects.length = 0
  world.calls.length = 0
  return {
    world,
    autopilot,
    turn: () => tick(autopilot, NAME, { budgetMs: 60_000 }),
    status: () => planStatus(autopilot, NAME),
  }
}

/** Ticks every 100 ms of imagined time until `test` holds. */
export async function until(world: World, test: () => Promise<boolean>): Promise<TickResult[]> {
  const results: TickResult[] = []
  for (let count = 0; count < 500; count++) {
    if (await test()) return results
    results.push(await tick(world.autopilot(), NAME, { budgetMs: 60_000 }))
    world.now += 100
  }
  throw new Error(`the plan did not come there: ${JSON.stringify(results.at(-1))}`)
}
