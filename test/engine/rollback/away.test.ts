import { describe, expect, it } from 'vitest'
import type { Stage } from '../../../lib/core/stage.js'
import { listKept, readRollback } from '../../../lib/engine/rollback/kept.js'
import { rollBackComponent } from '../../../lib/engine/rollback/roll-back-component.js'
import { tick } from '../../../lib/engine/tick.js'
import { watch, watchCollection } from '../../../lib/engine/watch.js'
import { drain, fill, go, MOVER, put, valueAt, type World, world } from '../runs/world.js'
import { eventsOf, stageOf, turn } from './world.js'

const CAUSE = { kind: 'operator' } as const

function back(at: World, more: { to?: Stage; procedure?: string; rehearsal?: boolean } = {}) {
  return rollBackComponent(at.context, { component: 'projects', cause: CAUSE, ...more }, MOVER)
}

describe('while a store is away', () => {
  it('the source: it waits, and goes on', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('source')
    const rollback = await back(at)
    expect(rollback).toMatchObject({ status: 'under-way', recorded: true })
    expect(rollback.inWords).toContain('The source is down')
    at.faults.down.delete('source')
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
  })

  it('the source was left behind, is back, and does not know of it: it is brought what it lacks', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 10)
    await go(at, 'live')
    await go(at, 'shadow', 'down')
    at.faults.down.add('source')
    expect(await watchCollection(at.context, at.collection)).toBe('left-source-behind')
    await put(at, 'new', { late: true })
    await at.settled()
    at.faults.down.delete('source')
    expect(await back(at)).toMatchObject({ status: 'under-way' })
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
    expect(await valueAt(at, 'new')).toMatchObject({ late: true })
  })

  it('the target: it is left behind where that is enabled', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('target')
    expect(await back(at)).toMatchObject({ status: 'completed' })
    at.faults.down.delete('target')
    await watch(at.context)
    expect(await stageOf(at)).toBe('dualwrite')
  })

  it('the target, where it alone has the writes: it waits, and goes on', async () => {
    const at = world({ leaseMs: 1_000 })
    await fill(at, 10)
    await go(at, 'complete')
    await put(at, 'new', { late: true })
    at.faults.down.add('target')
    expect(await back(at)).toMatchObject({ status: 'under-way' })
    at.faults.down.delete('target')
    await turn(at)
    await drain(at)
    await turn(at)
    expect(await stageOf(at)).toBe('shadow')
    expect(await valueAt(at, 'new')).toMatchObject({ late: true })
  })

  it('the ledger: what can be done at once is done, and told when it answers', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('ledger')
    const rollback = await back(at)
    expect(rollback).toMatchObject({ status: 'completed', recorded: false })
    at.faults.down.delete('ledger')
    expect(await stageOf(at)).toBe('shadow')
    await turn(at)
    expect((await readRollback(at.context.ledger, rollback.id)).rollback).toMatchObject({
      status: 'completed',
      recorded: true,
    })
    expect((await eventsOf(at)).map(({ event }) => event)).toEqual(['began', 'step', 'step', 'step', 'ended'])
    expect(await at.documents.list('cutover/pending')).toEqual([])
  })

  it('the ledger: what is over stands in nobody’s way, though it is still to be told', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'live')
    at.faults.down.add('ledger')
    await back(at)
    at.faults.down.delete('ledger')
    await go(at, 'live')
    expect(await stageOf(at)).toBe('live')
    await turn(at)
    expect(await stageOf(at)).toBe('live')
  })

  it('the ledger, with a pass to come: the rest is done when it answers', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    await put(at, 'new', { late: true })
    at.faults.down.add('ledger')
    const rollback = await back(at)
    expect(rollback).toMatchObject({ status: 'under-way', recorded: false })
    at.faults.down.delete('ledger')
    expect(await stageOf(at)).toBe('live')
    await expect(go(at, 'complete')).rejects.toThrow('rollback-under-way')
    await turn(at)
    await drain(at)
    await turn(at)
    expect((await readRollback(at.context.ledger, rollback.id)).rollback.status).toBe('completed')
    expect(await stageOf(at)).toBe('shadow')
    expect(await valueAt(at, 'new')).toMatchObject({ late: true })
  })
})

it('a fault in another turn of the tick, shown in the end, does not stand in its way', async () => {
  const at = world()
  await fill(at, 10)
  await go(at, 'complete')
  await put(at, 'new', { late: true })
  expect(await back(at)).toMatchObject({ status: 'under-way' })
  const metrics = { ...at.context.metrics, read: () => Promise.reject(new TypeError('a fault')) }
  const context = { ...at.context, metrics }
  const ticked = () => tick(context, at.clock.now() + 10_000)
  await expect(ticked()).rejects.toThrow('a fault')
  await drain(at)
  await expect(ticked()).rejects.toThrow('a fault')
  expect(await stageOf(at)).toBe('shadow')
})

describe('a crash', () => {
  it('at any access of the ledger or a store leaves what the next turn, or the next call, ends', async () => {
    for (let crash = 1; crash <= 60; crash += 2) {
      const at = world()
      await fill(at, 6)
      await go(at, 'complete')
      await put(at, 'new', { late: true })
      await at.settled()
      let calls = 0
      at.faults.before = () => {
        calls += 1
        if (calls >= crash) throw new Error('crash')
      }
      await back(at).catch((error: Error) => expect(error.message).toBe('crash'))
      await at.settled()
      at.faults.before = () => undefined
      await turn(at)
      if ((await stageOf(at)) !== 'shadow') await back(at)
      await drain(at)
      await turn(at)
      expect([crash, await stageOf(at)]).toEqual([crash, 'shadow'])
      expect(await valueAt(at, 'new')).toMatchObject({ late: true })
      const { items } = await listKept(at.context.ledger, null, 10)
      expect(items.filter(({ rollback }) => rollback.status === 'under-way')).toEqual([])
    }
  })
})
