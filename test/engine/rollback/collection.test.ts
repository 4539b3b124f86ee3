import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import type { Stage } from '../../../lib/core/stage.js'
import { readPlan } from '../../../lib/engine/autopilot/kept.js'
import { autopilotOf } from '../../../lib/engine/autopilot/on-stores.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { listKept, readRollback } from '../../../lib/engine/rollback/kept.js'
import { changePending } from '../../../lib/engine/rollback/pending.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { rollbackTurn } from '../../../lib/engine/rollback/turn.js'
import { cancelRun } from '../../../lib/engine/runs/steer.js'
import {
  begin,
  drain,
  expectEqualStores,
  fill,
  go,
  MOVER,
  put,
  runOf,
  valueAt,
  type World,
  world,
} from '../runs/world.js'
import { eventsOf, stageOf, turn } from './world.js'

const CAUSE = { kind: 'operator' } as const

function back(at: World, more: { to?: Stage; procedure?: string; rehearsal?: boolean } = {}) {
  return rollBackComponent(at.context, { component: 'projects', cause: CAUSE, ...more }, MOVER)
}

describe('a collection rolled back', () => {
  it('from live is back at once, in the call itself', async () => {
    const at = world()
    await fill(at, 20)
    await go(at, 'live')
    const rollback = await back(at)
    expect(rollback).toMatchObject({
      status: 'completed',
      from: { stage: 'live', targetReadPercent: 100 },
      steps: [
        { status: 'skipped' },
        { status: 'skipped' },
        { status: 'done', note: expect.stringContaining('live to shadow') },
      ],
      inWords: 'It is complete.',
      recorded: true,
    })
    expect(await stageOf(at)).toBe('shadow')
    expect((await eventsOf(at)).map(({ event }) => event)).toEqual(['began', 'step', 'step', 'step', 'ended'])
  })

  it.each(['rampdown', 'complete'] as const)('from %s takes a pass, and loses no acknowledged write', async (stage) => {
    const at = world()
    await fill(at, 20)
    await go(at, stage)
    await put(at, 'r0003', { late: true })
    await put(at, 'new', { late: true })
    await at.settled()
    const begun = await back(at)
    expect(begun).toMatchObject({
      status: 'under-way',
      recordsLeft: expect.any(Number),
      steps: [{ status: 'done' }, { status: 'under-way' }, { status: 'to-do' }],
    })
    expect(await stageOf(at)).toBe('live')
    await drain(at)
    await turn(at)
    const { rollback } = await readRollback(at.context.ledger, begun.id)
    expect(rollback).toMatchObject({ status: 'completed', recordsLeft: null, secondsLeft: null })
    expect(rollback.steps.map(({ status }) => status)).toEqual(['done', 'done', 'done'])
    for (const { startedAt, endedAt } of rollback.steps)
      expect((endedAt ?? 0) - (startedAt ?? 1)).toBeGreaterThanOrEqual(0)
    expect(await stageOf(at)).toBe('shadow')
    expect(await valueAt(at, 'r0003')).toMatchObject({ late: true })
    expect(await valueAt(at, 'new')).toMatchObject({ late: true })
    expect(await expectEqualStores(at)).toEqual([])
  })

  it('goes as far as it is asked to', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'live')
    expect(await back(at, { to: 'off' })).toMatchObject({ status: 'completed' })
    expect(await stageOf(at)).toBe('off')
  })

  it('where there is nothing to undo is complete, and says so', async () => {
    const at = world()
    await fill(at, 5)
    expect(await back(at)).toMatchObject({
      status: 'completed',
      steps: [{ status: 'skipped' }, { status: 'skipped' }, { status: 'skipped' }],
    })
  })

  it('after the clean-up fails with what is left to do', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'complete')
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    const rollback = await back(at)
    expect(rollback).toMatchObject({ status: 'failed' })
    expect(rollback.inWords).toContain('Restore a back-up')
  })

  it('knows no other component and no other procedure', async () => {
    const at = world()
    const asked = { component: 'nobody', cause: CAUSE }
    await expect(rollBackComponent(at.context, asked, MOVER)).rejects.toMatchObject({ code: 'not-found' })
    await expect(back(at, { procedure: 'mine' })).rejects.toMatchObject({ code: 'not-found' })
    expect((await listKept(at.context.ledger, null, 10)).items).toEqual([])
  })
})

describe('two who roll back one component', () => {
  it('at once are one rollback', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const both = await Promise.all([back(at), back(at), back(at)])
    expect(new Set(both.map(({ id }) => id)).size).toBe(1)
    await drain(at)
    await Promise.all([turn(at), turn(at), rollbackTurn(at.context, at.clock.now() + 1_000)])
    expect((await readRollback(at.context.ledger, both[0]?.id ?? '')).rollback.status).toBe('completed')
    const events = await eventsOf(at)
    expect(events.filter(({ event }) => event === 'ended').length).toBe(1)
    expect(events.filter(({ event, status }) => event === 'step' && status !== 'under-way').length).toBe(3)
    expect((await at.context.ledger.list('run/', null, 50)).items.filter(({ key }) => key.includes('rb-')).length).toBe(
      1,
    )
  })

  it('to different stages: the one that leads further back takes over, and its pass is kept', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const first = await back(at)
    const second = await back(at, { to: 'off' })
    expect(second.id).not.toBe(first.id)
    expect((await readRollback(at.context.ledger, first.id)).rollback).toMatchObject({ status: 'superseded' })
    expect((await back(at)).id).toBe(second.id)
    await drain(at)
    await turn(at)
    expect((await readRollback(at.context.ledger, second.id)).rollback).toMatchObject({ status: 'completed' })
    expect(await stageOf(at)).toBe('off')
  })
})

describe('a pass on the way back', () => {
  it('that is cancelled is begun again, some times', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const { id } = await back(at)
    for (let attempt = 1; attempt < 5; attempt++) {
      const runId = `${id}-pass-${attempt}`
      await cancelRun(at.context, { runId, by: 'bob', reason: 'no' })
      await turn(at)
      expect((await readRollback(at.context.ledger, id)).rollback).toMatchObject({ status: 'under-way' })
    }
    await cancelRun(at.context, { runId: `${id}-pass-5`, by: 'bob', reason: 'no' })
    await turn(at)
    const { rollback } = await readRollback(at.context.ledger, id)
    expect(rollback).toMatchObject({ status: 'failed' })
    expect(rollback.inWords).toContain('5 back-fills did not complete. The last: no')
    const alerts = (await at.context.ledger.list('alert-open/', null, 10)).items.map(({ value }) => value)
    expect(alerts).toMatchObject([{ kind: 'rollback-failed', severity: 'critical', component: 'projects' }])
  })

  it('makes another back-fill give way that can declare nothing any more', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const other = await begin(at)
    await back(at)
    expect(await runOf(at, other.id)).toMatchObject({ status: 'cancelled' })
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
  })

  it('waits for another back-fill that can', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await go(at, 'live', 'down')
    const other = await begin(at)
    const { id } = await back(at)
    expect((await readRollback(at.context.ledger, id)).rollback.steps[1]?.runId).toBe(other.id)
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
  })
})

describe('a plan that leads the component forward', () => {
  it('is paused, and can do nothing until it is resumed', async () => {
    const at = world({ names: ['projects', 'resources'] })
    await fill(at, 5)
    await go(at, 'live')
    const autopilot = autopilotOf({ context: at.context })
    await startPlan(autopilot, { ...theWeek(['projects']), name: 'mine' }, MOVER)
    await startPlan(autopilot, { ...theWeek(['resources']), name: 'other' }, MOVER)
    expect(await back(at)).toMatchObject({ status: 'completed', plansPaused: ['mine'] })
    expect((await readPlan(autopilot, 'mine')).state.status).toBe('paused')
    expect((await readPlan(autopilot, 'other')).state.status).toBe('running')
  })

  it('and could not be paused, because the ledger was away, is paused when it answers', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'live')
    const autopilot = autopilotOf({ context: at.context })
    await startPlan(autopilot, theWeek(['projects']), MOVER)
    at.faults.down.add('ledger')
    expect(await back(at)).toMatchObject({ status: 'completed', plansPaused: null })
    at.faults.down.delete('ledger')
    await turn(at)
    expect((await readPlan(autopilot, 'the-week')).state.status).toBe('paused')
  })
})

describe('a rollback that ended while the ledger was away', () => {
  it('is entered beside one that was begun since', async () => {
    const at = world()
    await fill(at, 5)
    await go(at, 'live')
    at.faults.down.add('ledger')
    const first = await back(at)
    at.faults.down.delete('ledger')
    at.clock.time += 1_000
    await changePending(at.documents, (pending) => ({ ...pending, rollbacks: [] }))
    await go(at, 'complete')
    const second = await back(at, { to: 'off' })
    await changePending(at.documents, (pending) => ({ ...pending, rollbacks: [first] }))
    await turn(at)
    expect((await readRollback(at.context.ledger, first.id)).rollback.status).toBe('completed')
    expect((await readRollback(at.context.ledger, second.id)).rollback.status).toBe('under-way')
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('off')
  })
})
