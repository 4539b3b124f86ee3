import { expect, it } from 'vitest'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { begin, drain, fill, world } from '../runs/world.js'

it('records that a validation could not judge are no evidence that the stores agree', async () => {
  const at = world()
  await fill(at, 5)
  // In off nothing is said of what only the source has.
  await begin(at, {}, 'validate')
  await drain(at)
  const { actions } = autopilotOf({ context: at.context })
  const { validation } = await actions.evidence('projects', 0)
  expect(validation).toMatchObject({ complete: true, compared: 0, mismatches: 0 })
})
