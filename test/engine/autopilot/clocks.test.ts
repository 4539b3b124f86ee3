import { expect, it } from 'vitest'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { begin, drain, fill, go, world } from '../runs/world.js'

it('the run that a step began counts for it, whatever the clock of the instance that started it said', async () => {
  const at = world()
  await fill(at, 5)
  await go(at, 'dualwrite')
  const run = await begin(at)
  await drain(at)
  const { actions } = autopilotOf({ context: at.context })
  // The step was entered at an instance whose clock is a second ahead.
  const since = run.createdAt + 1_000
  expect((await actions.evidence('projects', since)).backfill).toBeNull()
  const { backfill } = await actions.evidence('projects', since, { ownRun: run.id, gate: [], timeScale: 1 })
  expect(backfill).toMatchObject({ runId: run.id, complete: true })
})
