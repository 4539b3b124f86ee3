import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { readPlan } from '../../../lib/engine/autopilot/kept.js'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { putNamedFlag, readNamedFlag, setRollout } from '../../../lib/engine/flags/flags.js'
import { health } from '../../../lib/engine/health.js'
import { emergencyStop } from '../../../lib/engine/rollback/emergency-stop.js'
import { putProcedure } from '../../../lib/engine/rollback/procedures.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { liftStop, readStopped } from '../../../lib/engine/rollback/stopped.js'
import { startRun } from '../../../lib/engine/runs/start.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { tick } from '../../../lib/engine/tick.js'
import { begin, drain, fill, go, MOVER, put, runOf, valueAt, type World, world } from '../runs/world.js'
import { flagOf } from './flag.js'
import { eventsOf, stageOf, turn } from './world.js'

const STOPPER = { by: 'sue', reason: 'smoke' }

function stop(at: World) {
  return emergencyStop(at.context, STOPPER)
}

async function advance(at: World, to: 'shadow' | 'dualwrite' = 'shadow') {
  return walkStages(at.context, { collection: 'projects', direction: 'up', to, action: 'advance-stage' }, MOVER)
}

describe('an emergency stop', () => {
  it('does everything at once, says what it did, and keeps the reason', async () => {
    const at = world({ names: ['projects', 'resources'] })
    await fill(at, 10)
    await putNamedFlag(at.context, flagOf('search', 40), MOVER)
    await go(at, 'live')
    const run = await begin(at, {}, 'validate')
    await startPlan(autopilotOf({ context: at.context }), theWeek(['resources']), MOVER)
    const report = await stop(at)
    expect(report).toMatchObject({
      recorded: true,
      flagsOff: ['search'],
      rollbacks: [
        { component: 'projects', status: 'completed' },
        { component: 'resources', status: 'completed' },
      ],
      runsCancelled: [run.id],
      runsKept: [],
      plansFailed: ['the-week'],
      programsFailed: [],
      timersCleared: 2,
      underWay: [],
      stopped: { state: 'failed', by: 'sue', reason: 'smoke', open: [] },
    })
    expect(await stageOf(at)).toBe('dualwrite')
    expect(await runOf(at, run.id)).toMatchObject({ status: 'cancelled', note: 'smoke' })
    const plan = await readPlan(autopilotOf({ context: at.context }), 'the-week')
    expect(plan.state.status).toBe('failed')
    expect(await readStopped(at.context)).toMatchObject({ by: 'sue', reason: 'smoke', state: 'failed' })
    expect((await health(at.context)).issues.join()).toContain('emergency stop by sue: smoke')
    const alerts = (await at.context.ledger.list('alert-open/', null, 10)).items.map(({ value }) => value)
    expect(alerts).toContainEqual(expect.objectContaining({ kind: 'emergency-stop', severity: 'critical' }))
    expect((await eventsOf(at)).filter(({ event }) => event === 'emergency-stop').length).toBe(1)
  })

  it('lets nothing advance until it is lifted, and everything go down', async () => {
    const at = world()
    await fill(at, 10)
    await putNamedFlag(at.context, flagOf('search', 40), MOVER)
    await go(at, 'shadow')
    await stop(at)
    const refused = { kind: 'refused', reason: 'emergency-stopped', details: { by: 'sue' } }
    expect(await advance(at)).toMatchObject(refused)
    expect(await stageOf(at)).toBe('dualwrite')
    const stopped = { code: 'conflict', details: { reason: 'emergency-stopped' } }
    await expect(putNamedFlag(at.context, flagOf('other', 10), MOVER)).rejects.toMatchObject(stopped)
    const plan = theWeek(['projects'])
    await expect(startPlan(autopilotOf({ context: at.context }), plan, MOVER)).rejects.toMatchObject({
      code: 'conflict',
    })
    const cleanUp = { kind: 'clean-up', collection: 'projects', input: {}, ...MOVER } as const
    await expect(startRun(at.context, cleanUp)).rejects.toMatchObject(stopped)
    const down = { collection: 'projects', direction: 'down', to: 'off', action: 'roll-back' } as const
    expect(await walkStages(at.context, down, MOVER)).toMatchObject({ kind: 'moved' })
    expect(await setRollout(at.context, 'search', 0, MOVER)).toMatchObject({ after: 0 })
    const open = async (): Promise<unknown[]> =>
      (await at.context.ledger.list('alert-open/', null, 10)).items.map(({ value }) => (value as { kind: string }).kind)
    expect(await open()).toContain('emergency-stop')
    expect(await liftStop(at.context, { by: 'tom', reason: 'no smoke' })).toMatchObject({ reason: 'smoke' })
    expect(await open()).not.toContain('emergency-stop')
    expect(await liftStop(at.context, { by: 'tom', reason: 'again' })).toBeNull()
    expect(await advance(at)).toMatchObject({ kind: 'moved', to: 'shadow' })
    expect((await readNamedFlag(at.context, 'search')).killed).not.toBeNull()
  })

  it('from complete starts the pass that the way back needs, and goes on by itself', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await put(at, 'late', { acknowledged: true })
    const other = await begin(at)
    const report = await stop(at)
    expect(report.rollbacks).toMatchObject([{ component: 'projects', status: 'under-way' }])
    expect(report.underWay.map(({ part }) => part)).toEqual(['rollback of projects'])
    expect(await runOf(at, other.id)).toMatchObject({ status: 'cancelled' })
    expect(await stageOf(at)).toBe('live')
    await turn(at)
    const [pass] = (await at.context.ledger.list('run/rb-', null, 10)).items.map(({ value }) => value)
    expect(pass).toMatchObject({ kind: 'backfill', status: 'running' })
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
    expect(await valueAt(at, 'late')).toMatchObject({ acknowledged: true })
  })

  it('is not superseded by a component’s own way, which leads less far', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await stop(at)
    at.clock.time += 3_600_000
    const steps = [
      { kind: 'move', to: 'live' },
      { kind: 'wait', seconds: 600 },
      { kind: 'pass', when: 'needed' },
      { kind: 'move', to: 'shadow' },
    ] as const
    await putProcedure(at.context, { name: 'gently', for: 'collection', description: '', steps }, MOVER)
    const own = { component: 'projects', procedure: 'gently', cause: { kind: 'trigger' } } as const
    expect(await rollBackComponent(at.context, own, MOVER)).toMatchObject({ procedure: 'to-source' })
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('called by two at once, or again, is one stop', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const both = await Promise.all([stop(at), emergencyStop(at.context, { by: 'tom', reason: 'fire' })])
    expect(new Set(both.map(({ stopped }) => stopped.id)).size).toBe(1)
    const again = await stop(at)
    expect(again.stopped.id).toBe(both[0].stopped.id)
    expect(again.stopped.again.length).toBe(2)
    expect((await at.context.ledger.list('run/rb-', null, 10)).items.length).toBe(1)
    await drain(at)
    await Promise.all([turn(at), turn(at)])
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('holds up no collection for another that is damaged, and goes on when it is mended', async () => {
    const at = world({ names: ['projects', 'resources'] })
    await fill(at, 10)
    await go(at, 'live')
    const resources = { collection: 'resources', direction: 'up', to: 'shadow', action: 'advance-stage' } as const
    await walkStages(at.context, resources, MOVER)
    const stored = await at.documents.get('projects-0.json')
    if (stored === null || stored === 'unchanged') throw new Error('no document')
    await at.documents.put('projects-0.json', '{"broken', { ifMatch: stored.etag })
    const report = await stop(at)
    expect(report.rollbacks.find(({ component }) => component === 'resources')).toMatchObject({ status: 'completed' })
    expect(report.underWay.map(({ part }) => part)).toEqual(['rollback of projects'])
    expect(await stageOf(at, 'resources')).toBe('dualwrite')
    const broken = await at.documents.get('projects-0.json')
    if (broken === null || broken === 'unchanged') throw new Error('no document')
    await at.documents.put('projects-0.json', stored.text, { ifMatch: broken.etag })
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it.each(['source', 'target'] as const)(
    'with the %s away does the rest, and goes on when it is back',
    async (store) => {
      const at = world()
      await fill(at, 10)
      await putNamedFlag(at.context, flagOf('search', 40), MOVER)
      await go(at, 'live')
      at.faults.down.add(store)
      const report = await stop(at)
      expect(report).toMatchObject({ recorded: true, flagsOff: ['search'], rollbacks: [{ status: 'under-way' }] })
      at.faults.down.delete(store)
      await turn(at)
      expect(await stageOf(at)).toBe('dualwrite')
    },
  )

  it('keeps nothing beside the documents while the ledger answers, so that nothing comes back once it is lifted', async () => {
    for (const down of [[], ['source']] as const) {
      const at = world()
      await fill(at, 10)
      await go(at, 'live')
      for (const store of down) at.faults.down.add(store)
      expect(await stop(at)).toMatchObject({ recorded: true })
      await at.settled()
      for (const store of down) at.faults.down.delete(store)
      expect(await at.documents.list('cutover/pending')).toEqual([])
      await liftStop(at.context, { by: 'tom', reason: 'no smoke' })
      await turn(at)
      expect(await readStopped(at.context)).toBeNull()
    }
  })

  it('with the target away leaves it behind where that is enabled', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('target')
    expect((await stop(at)).rollbacks).toMatchObject([{ status: 'completed' }])
    expect(await put(at, 'r0001', { alone: true }).then(() => 'acknowledged')).toBe('acknowledged')
  })

  it('with the ledger away turns collections back, stands, and sees to the rest when it answers', async () => {
    const at = world()
    await fill(at, 10)
    await putNamedFlag(at.context, flagOf('search', 40), MOVER)
    await go(at, 'live')
    const run = await begin(at, {}, 'validate')
    at.faults.down.add('ledger')
    const report = await stop(at)
    expect(report.recorded).toBe(false)
    expect(report.stopped.open).toEqual(expect.arrayContaining(['flags', 'plans', 'programs', 'runs']))
    at.faults.down.delete('ledger')
    expect(await stageOf(at)).toBe('dualwrite')
    expect(await readStopped(at.context)).toMatchObject({ by: 'sue', reason: 'smoke' })
    expect(await advance(at)).toMatchObject({ kind: 'refused', reason: 'emergency-stopped' })
    const ticked = await tick(at.context, at.clock.now() + 10_000)
    expect(ticked.turns.rollbacks).toMatchObject({ adopted: expect.any(Number) })
    expect((await readNamedFlag(at.context, 'search')).killed).toMatchObject({ by: 'sue' })
    expect(await runOf(at, run.id)).toMatchObject({ status: 'cancelled' })
    expect(await readStopped(at.context)).toMatchObject({ by: 'sue', open: [] })
    expect(await at.documents.list('cutover/pending')).toEqual([])
  })

  it('takes back what somebody moved up in the moment that it was called', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'dualwrite')
    const moving: Promise<unknown>[] = []
    // Between the question whether it may and the move itself.
    at.faults.before = async (store, call) => {
      if (store === 'source' || call !== 'control' || moving.length > 0) return
      moving.push(stop(at))
      await moving[0]
    }
    await advance(at)
    at.faults.before = () => undefined
    await Promise.all(moving)
    await turn(at)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('that a crash has cut off is gone on with by the tick', async () => {
    for (let crash = 1; crash <= 60; crash += 3) {
      const at = world()
      await fill(at, 4)
      await putNamedFlag(at.context, flagOf('search', 40), MOVER)
      await go(at, 'live')
      const run = await begin(at, {}, 'validate')
      let calls = 0
      at.faults.before = () => {
        calls += 1
        if (calls >= crash) throw new Error('crash')
      }
      const called = await stop(at).catch((error: Error) => expect(error.message).toBe('crash'))
      await at.settled()
      at.faults.before = () => undefined
      if ((await readStopped(at.context)) === null) await stop(at)
      await turn(at)
      await turn(at)
      expect([crash, await stageOf(at), called === undefined]).toEqual([crash, 'dualwrite', called === undefined])
      expect((await readNamedFlag(at.context, 'search')).killed).not.toBeNull()
      expect(await runOf(at, run.id)).toMatchObject({ status: 'cancelled' })
      expect(await readStopped(at.context)).toMatchObject({ open: [] })
    }
  })
})
