import { expect, it } from 'vitest'
import { FIRST_THROTTLE, throttleNote } from '../../lib/core/throttle.js'
import { moveAlert } from '../../lib/engine/alerts/move.js'
import { raiseAlert } from '../../lib/engine/alerts/raise.js'
import { health } from '../../lib/engine/health.js'
import { pauseRun } from '../../lib/engine/runs/steer.js'
import { commitRun, readRun } from '../../lib/engine/runs/store.js'
import { begin, drain, fill, go, MOVER, type World, world } from './runs/world.js'

async function inShadow(): Promise<World> {
  const at = world()
  await fill(at, 10)
  await go(at, 'shadow')
  return at
}

it('is good when nothing is wrong, also while a run is paused', async () => {
  const at = await inShadow()
  expect(await health(at.context)).toEqual({ healthy: true, issues: [] })
  const run = await begin(at)
  await pauseRun(at.context, { runId: run.id, ...MOVER })
  expect(await health(at.context)).toEqual({ healthy: true, issues: [] })
})

it.each([
  ['source', 'The source of projects does not answer.'],
  ['target', 'The target of projects does not answer.'],
  ['ledger', 'The ledger does not answer.'],
] as const)('names the %s that does not answer', async (store, issue) => {
  const at = await inShadow()
  at.faults.down.add(store)
  expect(await health(at.context)).toEqual({ healthy: false, issues: [issue] })
})

it('says where nothing can be told', async () => {
  const at = await inShadow()
  at.faults.down.add('source').add('target')
  const { issues } = await health(at.context)
  expect(issues).toHaveLength(1)
  expect(issues[0]).toContain('It cannot be told where projects stands')
})

it('names a run that does not get on, until it does', async () => {
  const at = await inShadow()
  const run = await begin(at)
  at.faults.down.add('target')
  await expect(drain(at)).rejects.toThrow()
  at.faults.down.delete('target')
  expect((await health(at.context)).issues).toEqual([expect.stringContaining(run.id)])
})

it('does not mind a run that keeps out of the way of the application', async () => {
  const at = await inShadow()
  const { id } = await begin(at)
  const held = await readRun(at.context.ledger, id)
  const throttle = { ...FIRST_THROTTLE, duty: 0.11, idleMs: 100, busyMs: 150 }
  await commitRun(at.context.ledger, held, { ...held.run, throttle, note: throttleNote(throttle) })
  expect(await health(at.context)).toEqual({ healthy: true, issues: [] })
})

it('names alerts that nobody has acknowledged', async () => {
  const at = await inShadow()
  const alert = {
    about: 'a',
    severity: 'critical' as const,
    kind: 'store-unreachable' as const,
    component: null,
    message: 'Something is wrong.',
  }
  const { id } = await raiseAlert(at.context, alert)
  await raiseAlert(at.context, { ...alert, about: 'b', severity: 'info', message: 'For information.' })
  expect(await health(at.context)).toEqual({ healthy: false, issues: ['Something is wrong.'] })
  await moveAlert(at.context, id, 'acknowledge-alert', MOVER)
  expect(await health(at.context)).toEqual({ healthy: true, issues: [] })
})
