import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import type { Stage } from '../../../lib/core/stage.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { change, expectEqualStores, fill, go, ids, pass, put, type World, world } from '../runs/world.js'

async function worldIn(stage: Stage, partitions = 1): Promise<World> {
  const at = world({ partitions })
  await fill(at, 60)
  await go(at, stage)
  at.calls.length = 0
  return at
}

const countOf = (at: World, call: string): number => at.calls.filter((one) => one === call).length

describe('copies after the acknowledgement', () => {
  it('of one moment are one request to the target', async () => {
    const at = await worldIn('dualwrite')
    await Promise.all(ids(60).map((id, n) => put(at, id, { n: n + 1 })))
    await at.settled()
    expect(countOf(at, 'applyMany')).toBeLessThanOrEqual(3)
    await pass(at)
    await expectEqualStores(at)
  })

  it('of one moment are one write of the source’s document, and settled together', async () => {
    const at = await worldIn('rampdown')
    let writes = 0
    at.faults.before = (store, call) => {
      if (store === 'source' && call === 'put') writes += 1
    }
    await Promise.all(ids(60).map((id, n) => put(at, id, { n: n + 1 })))
    await at.settled()
    expect([writes <= 3, countOf(at, 'settleMany') <= 3]).toEqual([true, true])
    expect(await at.collection.target.partitions[0]?.countOpen()).toBe(0)
    await expectEqualStores(at)
  })

  it('are gathered over the window that is configured, the later of two of one record alone', async () => {
    const at = await worldIn('dualwrite')
    const plane = dataPlane([at.collection], { ...at.context, copiesWindowMs: 40 })
    for (let n = 0; n < 20; n++) await put(at, 'r0001', { n }, plane)
    await at.settled()
    expect(countOf(at, 'applyMany')).toBeLessThan(20)
    await expectEqualStores(at)
  })

  it('are never begun before the acknowledgement', async () => {
    const at = await worldIn('dualwrite')
    at.faults.before = async (store, call) => {
      if (store === 'target' && call === 'applyMany') throw new Error('copied too early')
    }
    at.faults.down.add('source')
    await expect(put(at, 'r0001', { n: 9 })).rejects.toMatchObject({ code: expect.any(String) })
    await at.settled()
    expect(countOf(at, 'applyMany')).toBe(0)
  })

  it('that the store refuses for one record hold up no other', async () => {
    const at = await worldIn('dualwrite')
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      if ((args[1] as { id: string }[]).some(({ id }) => id === 'r0003'))
        throw new CutoverError('too-large', 'One record is over the limit.')
    }
    await Promise.all(ids(10).map((id, n) => put(at, id, { n: n + 100 })))
    await at.settled()
    expect(at.events.filter(({ kind }) => kind === 'left-behind')).toMatchObject([{ id: 'r0003', store: 'target' }])
    for (const id of ids(10).filter((one) => one !== 'r0003')) {
      const copy = (await at.collection.target.partitions[0]?.get(id))?.copy
      expect([id, copy?.value]).toMatchObject([id, { n: expect.any(Number) }])
    }
  })

  it('of a stage that is over do nothing', async () => {
    const at = await worldIn('dualwrite')
    let waiting: Promise<unknown> | null = null
    let free = (): void => {}
    const gate = new Promise<void>((resolve) => {
      free = resolve
    })
    at.faults.before = async (store, call) => {
      if (store === 'target' && call === 'applyMany' && waiting === null) {
        waiting = gate
        await gate
      }
    }
    await put(at, 'r0001', { late: 1 })
    await put(at, 'r0002', { late: 2 })
    await go(at, 'shadow')
    await put(at, 'r0002', { newest: true })
    free()
    await at.settled()
    await expectEqualStores(at)
  })
})

describe('a process that is killed with a full buffer', () => {
  it.each(['dualwrite', 'rampdown'] as const)('loses nothing in %s that a pass does not bring', async (stage) => {
    const at = await worldIn(stage, 2)
    // Its work after answers never comes to anything: that is what being killed means to the stores.
    const killed = dataPlane([at.collection], { ...at.context, copiesWindowMs: 1_000, background: () => {} })
    const hung = new Promise<never>(() => {})
    const real = at.clock.sleep
    at.clock.sleep = () => hung
    await Promise.all(ids(60).map((id, n) => put(at, id, { acknowledged: n }, killed)))
    await change(at, 'r0059', { kind: 'delete' }, killed)
    at.clock.sleep = real
    expect(countOf(at, 'applyMany')).toBe(0)
    const open = await Promise.all(at.collection.target.partitions.map((one) => one.countOpen()))
    if (stage === 'rampdown') expect(open.reduce((sum, n) => sum + n, 0)).toBe(60)
    const run = await pass(at)
    expect(run.status).toBe('succeeded')
    await expectEqualStores(at)
    expect(await at.plane.get('projects', 'r0003')).toMatchObject({ value: { acknowledged: 3 } })
    expect(await at.plane.get('projects', 'r0059')).toMatchObject({ kind: 'absent' })
  })
})
