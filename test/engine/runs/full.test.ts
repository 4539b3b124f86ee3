import { describe, expect, it } from 'vitest'
import type { Stage } from '../../../lib/core/stage.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../../lib/engine/status.js'
import { watchCollection } from '../../../lib/engine/watch.js'
import {
  begin,
  copies,
  drain,
  expectEqualStores,
  fill,
  go,
  MOVER,
  pass,
  put,
  runOf,
  valueAt,
  type World,
  world,
} from './world.js'

async function inShadow(): Promise<World> {
  const at = world()
  await fill(at, 120)
  await go(at, 'shadow')
  return at
}

async function isFull(at: World): Promise<boolean> {
  return (await collectionStatus(at.context, 'projects')).full
}

function move(at: World, direction: 'up' | 'down', to: Stage, rolloutPercent?: number) {
  return walkStages(at.context, { collection: 'projects', direction, to, rolloutPercent, action: 'test' }, MOVER)
}

/** Calls `meanwhile` once, when half of the records have been passed. */
function halfway(at: World, meanwhile: () => Promise<unknown>): void {
  let batches = 0
  at.faults.before = async (store, call) => {
    if (store !== 'target' || call !== 'applyMany' || ++batches !== 3) return
    at.faults.before = () => undefined
    await meanwhile()
  }
}

describe('both stores are declared full', () => {
  it('by a pass within one strict period, also when reads went over to the target meanwhile', async () => {
    const at = await inShadow()
    await pass(at)
    halfway(at, () => move(at, 'up', 'live'))
    const run = await pass(at)
    expect(run.result).toEqual({ slotsDeclaredFull: 20_000 })
    expect([await isFull(at), (await collectionStatus(at.context, 'projects')).stage]).toEqual([true, 'live'])
  })

  it('not by one that a change of the period has overtaken, which says so', async () => {
    const at = await inShadow()
    halfway(at, async () => {
      await move(at, 'down', 'dualwrite')
      await put(at, 'meanwhile', {})
      await move(at, 'up', 'shadow')
    })
    const run = await pass(at)
    expect([run.status, run.result]).toEqual(['succeeded', { slotsDeclaredFull: 0 }])
    expect(await isFull(at)).toBe(false)
    expect(await move(at, 'up', 'live')).toMatchObject({ kind: 'refused', reason: 'target-not-full' })
    await pass(at)
    expect(await isFull(at)).toBe(true)
  })

  it('only for slots that were strict when the pass began', async () => {
    const at = world()
    await fill(at, 120)
    await go(at, 'dualwrite')
    await move(at, 'up', 'shadow', 30)
    halfway(at, () => move(at, 'up', 'shadow'))
    expect((await pass(at)).result).toEqual({ slotsDeclaredFull: 2 * 3_000 })
    expect(await isFull(at)).toBe(false)
    expect(await move(at, 'up', 'live', 30)).toMatchObject({ kind: 'moved' })
    expect(await move(at, 'up', 'live', 31)).toMatchObject({ kind: 'refused', reason: 'target-not-full' })
  })

  it('not in dualwrite, where the pass only saves work', async () => {
    const at = world()
    await fill(at, 40)
    await go(at, 'dualwrite')
    expect(await pass(at)).toMatchObject({ status: 'succeeded', result: { slotsDeclaredFull: 0 } })
    await go(at, 'shadow')
    expect(await move(at, 'up', 'live')).toMatchObject({ kind: 'refused', reason: 'target-not-full' })
  })

  it('not when the target has lost what was passed, however it hides that', async () => {
    for (const when of [2, 3, 4]) {
      const at = await inShadow()
      let batches = 0
      at.faults.before = (store, call) => {
        // Between the look at the fence and the batch: the batch itself raises the new target's fence.
        if (store === 'target' && call === 'applyMany' && ++batches === when) at.swapTarget()
      }
      const run = await pass(at)
      expect([when, run.status]).toEqual([when, 'failed'])
      expect(run.note).toContain('lost data')
      expect(await isFull(at)).toBe(false)
      expect(at.events).toContainEqual(expect.objectContaining({ kind: 'target-lost-data' }))
      at.faults.before = () => undefined
      expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
      await drain(at)
      expect(await isFull(at)).toBe(true)
      expect(await expectEqualStores(at)).toEqual([])
    }
  })

  it('never for a collection that is cleaned up', async () => {
    const at = world()
    await fill(at, 20)
    await go(at, 'complete')
    await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    await expect(begin(at)).rejects.toMatchObject({ code: 'conflict', details: { reason: 'collection-finished' } })
  })
})

describe('a pass', () => {
  it('gives a target that lost its fence none, for that would hide the loss', async () => {
    const at = await inShadow()
    const run = await begin(at)
    at.swapTarget()
    await expect(drain(at)).rejects.toMatchObject({ details: { reason: 'target-lost-data' } })
    expect((await at.collection.target.partitions[0]?.control())?.fence).toBeNull()
    expect((await runOf(at, run.id)).note).toContain('has lost its data')
    expect(await watchCollection(at.context, at.collection)).toBe('target-recovered')
    expect((await runOf(at, run.id)).status).toBe('cancelled')
    await drain(at)
    expect([await isFull(at), await expectEqualStores(at)]).toEqual([true, []])
  })

  it('brings back what only the target has, and never lowers a version', async () => {
    const at = await inShadow()
    await go(at, 'complete')
    for (let number = 0; number < 30; number++) await put(at, `r00${10 + number}`, { changed: number })
    await at.settled()
    const before = new Map((await copies(at)).target)
    await go(at, 'live', 'down')
    const run = await pass(at)
    expect(run.counters.returned).toBe(30)
    for (const [id, copy] of (await copies(at)).target) {
      expect((copy as { version: number }).version).toBe((before.get(id) as { version: number }).version)
    }
    expect(await expectEqualStores(at)).toEqual([])
    expect(await valueAt(at, 'r0012')).toEqual({ id: 'r0012', changed: 2 })
  })
})
