import { expect, test } from 'vitest'
import { type Fence, slotState } from '../../lib/core/fence.js'
import { strictRanges } from '../../lib/core/transition.js'
import { passIds, passOpen, passSource } from '../../lib/engine/pass/pass.js'
import { declareFull } from '../../lib/engine/stages/full.js'
import { fencesOf, firstOf, journey, NOW, record, type Stores, storesOf, UP } from './by-hand.js'
import { collectionOf, stateOf } from './engine-by-hand.js'

test('a pass counts only what was answered under one fence', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  await stores.source.cas(UP.dualwrite, { id: 'a', base: 0, op: 'x', named: false, value: record('x') })
  const asked: number[] = []
  const target = {
    ...stores.target,
    applyMany: async (fence: Fence, copies: Parameters<Stores['target']['applyMany']>[1]) => {
      asked.push(fence.epoch)
      if (asked.length === 1) await stores.raise(UP.shadow)
      return stores.target.applyMany(fence, copies)
    },
  }
  const { collection } = collectionOf({ ...stores, target })
  const state = stateOf(collection)
  expect((await passSource(state, null, 10)).counts).toMatchObject({ read: 1, copied: 1 })
  expect(asked).toEqual([1, 2])
  expect((await stores.target.get('a')).copy).toMatchObject({ op: 'x' })
})

test('a pass looks at the source only under its own fence', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  await stores.target.raise(UP.shadow)
  const { collection } = collectionOf(stores)
  const state = stateOf(collection)
  state.fence = UP.shadow
  await passSource(state, null, 10)
  expect((await stores.source.control()).fence).toEqual(UP.shadow)
})

test('a pass brings what only the target has to the source, and settles it', async () => {
  for (const pass of ['open', 'ids'] as const) {
    const stores = storesOf()
    await stores.raise(UP.live)
    const write = { id: 'a', op: 'x', startedAt: NOW, value: record('x'), fenceExpected: true }
    await stores.target.begin(UP.live, write)
    const { collection } = collectionOf(stores)
    const state = stateOf(collection)
    state.fence = UP.live
    await (pass === 'open' ? passOpen(state, null, 10) : passIds(state, ['a']))
    expect((await stores.source.get('a')).copy).toMatchObject({ version: firstOf(3), op: 'x' })
    expect((await stores.target.get('a')).copy).toMatchObject({ open: false })
  }
})

test('only a pass of this very strict period declares the stores full', async () => {
  const { shadow, again } = fencesOf(
    ['dualwrite', 'shadow', 'below', 'again'] as const,
    journey('dualwrite', '(shadow)', 'dualwrite', '(shadow)'),
  )
  const stores = storesOf()
  await stores.raise(again)
  await declareFull(stores.source, stores.target, strictRanges(shadow))
  expect(slotState((await stores.source.control()).fence, 0).fullTarget).toBe(false)
  await declareFull(stores.source, stores.target, strictRanges(again))
  expect(slotState((await stores.source.control()).fence, 0).fullTarget).toBe(true)
  expect(slotState((await stores.target.control()).fence as Fence, 0).fullTarget).toBe(true)
})

test('a pass that ends does not end a hold', async () => {
  const stores = storesOf()
  await stores.source.raise(UP.live)
  await stores.target.raise(UP.live, { hold: true })
  await declareFull(stores.source, stores.target, strictRanges(UP.live))
  expect((await stores.target.control()).hold).toBe(true)
})
