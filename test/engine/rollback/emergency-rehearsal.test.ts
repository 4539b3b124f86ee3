import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { rehearseStop } from '../../../lib/engine/rollback/emergency-stop-rehearsal.js'
import { begin, fill, go, MOVER, type World, world } from '../runs/world.js'
import { everything } from '../stages/operators.js'
import { flagOf } from './flag.js'
import { stageOf } from './world.js'

const STOPPER = { by: 'sue', reason: 'smoke' }

async function busy(): Promise<World> {
  const at = world({ names: ['projects', 'resources'] })
  await fill(at, 10)
  await putNamedFlag(at.context, flagOf('search', 40), MOVER)
  await putNamedFlag(at.context, flagOf('other', 0), MOVER)
  await go(at, 'live')
  await begin(at, {}, 'validate')
  await startPlan(autopilotOf({ context: at.context }), theWeek(['resources']), MOVER)
  return at
}

describe('a rehearsal of an emergency stop', () => {
  it('says what the stop then does, and changes nothing', async () => {
    const at = await busy()
    const before = await everything(at)
    const told = await rehearseStop(at.context, STOPPER)
    expect(await everything(at)).toBe(before)
    const done = await emergencyStop(at.context, STOPPER)
    expect([told.rehearsal, done.rehearsal, told.recorded]).toEqual([true, false, false])
    expect(told.stopped).toMatchObject({ id: 'rehearsal', by: 'sue', reason: 'smoke', open: [] })
    for (const member of ['flagsOff', 'runsCancelled', 'runsKept', 'plansFailed', 'programsFailed'] as const)
      expect([member, told[member]]).toEqual([member, done[member]])
    expect(told.timersCleared).toBe(done.timersCleared)
    expect(told.flagsOff).toEqual(['other', 'search'])
    const shown = ({ component, status }: { component: string; status: string }) => ({ component, status })
    expect(told.rollbacks.map(shown)).toEqual(done.rollbacks.map(shown))
    expect(told.rollbacks[0]).toMatchObject({
      from: 'live',
      secondsLeft: 0,
      inWords: 'It would come to its end: at once.',
    })
    expect(told.rollbacks[0]?.steps.join()).toContain('From live to dualwrite, at once.')
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('says how soon, where a pass has to come first', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'rampdown')
    const told = await rehearseStop(at.context, STOPPER)
    expect(told.rollbacks[0]).toMatchObject({ from: 'rampdown', status: 'completed' })
    expect(told.rollbacks[0]?.steps.join()).toMatch(/A back-fill would bring/)
    expect(await stageOf(at)).toBe('rampdown')
  })

  it('tells what it can where the ledger is away, and what it cannot', async () => {
    const at = await busy()
    at.faults.down.add('ledger')
    const told = await rehearseStop(at.context, STOPPER)
    expect(told.underWay.map(({ part }) => part)).toEqual(expect.arrayContaining(['flags', 'plans', 'runs']))
    expect(told.stopped.open).toEqual(expect.arrayContaining(['flags', 'plans', 'runs']))
  })

  it('tells of a collection whose document is damaged, and of the others all the same', async () => {
    const at = await busy()
    const stored = await at.documents.get('projects-0.json')
    if (stored === null || stored === 'unchanged') throw new Error('no document')
    await at.documents.put('projects-0.json', '{"broken', { ifMatch: stored.etag })
    const told = await rehearseStop(at.context, STOPPER)
    expect(told.underWay.map(({ part }) => part)).toEqual(['rollback of projects'])
    expect(told.rollbacks.find(({ component }) => component === 'resources')).toMatchObject({ status: 'completed' })
  })
})
