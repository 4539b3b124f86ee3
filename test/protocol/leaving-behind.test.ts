import { expect, test } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import { ask } from '../../lib/core/protocol/effect.js'
import { perform } from '../../lib/engine/data-plane/perform.js'
import { degrade } from '../../lib/engine/stages/degrade.js'
import { carryOut, reconcile } from '../../lib/engine/stages/reconcile.js'
import { journey, NOW, record, storesOf, UP } from './by-hand.js'
import { collectionOf, MOVER, stateOf } from './engine-by-hand.js'

test('a store is left behind under a hold that lasts longer than any lease', async () => {
  for (const lost of ['target', 'source'] as const) {
    const stores = storesOf()
    await stores.raise(UP.live)
    const slept: { ms: number; write: unknown }[] = []
    const begin = { id: 'a', op: 'x', startedAt: NOW, value: record('x'), fenceExpected: true }
    const clock = {
      ...stores.clock,
      sleep: async (ms: number) => {
        const survivor = lost === 'target' ? 'source' : 'target'
        const { fence } = await stores[survivor].control()
        const cas = { id: 'a', base: 0, op: 'x', named: false, value: record('x') }
        const write =
          survivor === 'source'
            ? await stores.source.cas(fence as Fence, cas)
            : await stores.target.begin(fence as Fence, begin)
        slept.push({ ms, write })
      },
    }
    const { collection, around } = collectionOf({ ...stores, clock }, 2_000)
    expect(await degrade(collection, lost, MOVER, around)).toMatchObject({ kind: 'moved' })
    expect(slept).toEqual([{ ms: 2_500, write: { kind: 'hold' } }])
    const { hold } = lost === 'target' ? await stores.source.control() : await stores.target.control()
    expect(hold).toBe(false)
  }
})

test('a hold that outlived its function is waited for again and ended', async () => {
  for (const lost of ['target', 'source'] as const) {
    const stores = storesOf()
    await stores.raise(UP.live)
    const dying = { ...stores.clock, sleep: () => Promise.reject(new Error('the function is over')) }
    const first = collectionOf({ ...stores, clock: dying }, 2_000)
    await expect(degrade(first.collection, lost, MOVER, first.around)).rejects.toThrow('over')
    const hold = async () => (lost === 'target' ? await stores.source.control() : await stores.target.control()).hold
    expect(await hold()).toBe(true)
    const second = collectionOf(stores, 2_000)
    await degrade(second.collection, lost, MOVER, second.around)
    expect(await hold()).toBe(false)
  }
})

test('a store is left behind only when the other is known full, and only where that is wanted', async () => {
  const stages = journey('dualwrite', 'shadow', 'rampdown', '(live)')
  const stores = storesOf()
  await stores.raise(stages[3] as Fence)
  const leased = collectionOf(stores, 2_000)
  expect(await degrade(leased.collection, 'target', MOVER, leased.around)).toMatchObject({ reason: 'source-not-full' })
  const unleased = collectionOf(stores)
  expect(await degrade(unleased.collection, 'source', MOVER, unleased.around)).toMatchObject({ kind: 'refused' })
})

test('with the source lost an epoch is left out: an undecided one may lie there', async () => {
  const stores = storesOf()
  await stores.raise(UP.live)
  const { collection, around } = collectionOf(stores, 2_000)
  expect(await degrade(collection, 'source', MOVER, around)).toMatchObject({ epoch: 5 })
})

test('a lease is counted from before the request that showed the other store, by one clock', async () => {
  const stores = storesOf()
  await stores.raise(UP.live)
  let now = 0
  const clock = { ...stores.clock, monotonic: () => now }
  const raise = (fence: Fence) => {
    now += 3_000
    return stores.source.raise(fence)
  }
  const slow = { ...stores.source, raise }
  const { collection, around } = collectionOf({ ...stores, source: slow, clock }, 2_000)
  const state = stateOf(collection)
  const asked = () => perform(ask('lease', { store: 'source', fence: UP.live }), state, around, 10_000)
  expect(await asked()).toMatchObject({ answer: { kind: 'refused' } })
  state.seen.source = { epoch: 3, at: now - 2_000 }
  expect(await asked()).toMatchObject({ answer: { kind: 'held' } })
  state.seen.source = { epoch: 2, at: now }
  expect(await asked()).toMatchObject({ answer: { kind: 'refused' } })
})

test('a target without its fence is not given one by a reconcile or a lease', async () => {
  const stores = storesOf()
  await stores.source.raise(UP.live)
  await expect(reconcile(stores.source, stores.target)).rejects.toMatchObject({ code: 'unavailable' })
  expect((await stores.target.control()).fence).toBeNull()
})

test('a decision that the target has gone beyond is not carried out at the source alone', async () => {
  const stores = storesOf()
  await stores.raise(UP.live)
  await stores.target.raise(UP.complete)
  const fence: Fence = { ...UP.dualwrite, epoch: UP.live.epoch + 1 }
  const plan = { fence, first: 'target' as const, ...MOVER, at: NOW, from: 'live', to: 'dualwrite' }
  expect(await carryOut(plan, stores.source, stores.target)).toBe(false)
  expect((await stores.source.control()).fence).toEqual(UP.complete)
})
