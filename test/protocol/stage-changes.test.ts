import { expect, test } from 'vitest'
import type { Fence } from '../../lib/core/fence.js'
import { decideMove, STEPS } from '../../lib/core/transition.js'
import { moveStage } from '../../lib/engine/stages/move.js'
import { carryOut } from '../../lib/engine/stages/reconcile.js'
import { fencesOf, journey, NOW, type Stores, storesOf, UP } from './by-hand.js'
import { collectionOf, MOVER, planOf } from './engine-by-hand.js'

/** Notes the order in which fences are raised. */
function watched(stores: Stores): { stores: Stores; raised: string[] } {
  const raised: string[] = []
  const { source, target } = stores
  const noting = <Given extends unknown[], T>(name: string, raise: (...given: Given) => T) => {
    return (...given: Given): T => {
      raised.push(name)
      return raise(...given)
    }
  }
  return {
    raised,
    stores: {
      ...stores,
      source: { ...source, raise: noting('source', source.raise) },
      target: { ...target, raise: noting('target', target.raise) },
    },
  }
}

test('going up raises the source first, going down the target, in every step', async () => {
  const order = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete']
  for (const { from, to, first } of STEPS) {
    expect(first).toBe(order.indexOf(from) < order.indexOf(to) ? 'source' : 'target')
  }
  const up = watched(storesOf())
  await carryOut(planOf(UP.dualwrite, 'source'), up.stores.source, up.stores.target)
  expect(up.raised).toEqual(['source', 'target'])
  const down = watched(storesOf())
  await carryOut(planOf(UP.dualwrite, 'target'), down.stores.source, down.stores.target)
  expect(down.raised).toEqual(['target', 'source'])
})

test('live, and the jump to rampdown, wait for a pass that has shown the target full', () => {
  const { shadow } = fencesOf(['dualwrite', 'shadow'] as const, journey('dualwrite', '(shadow)'))
  for (const to of ['live', 'rampdown'] as const) {
    expect(decideMove(shadow, { direction: 'up', to }, NOW)).toMatchObject({ reason: 'target-not-full' })
    expect(decideMove(UP.shadow, { direction: 'up', to }, NOW)).toMatchObject({ kind: 'move' })
  }
})

test('back from rampdown, shadow and dualwrite wait for a pass that has shown the source full', () => {
  const stages = journey('dualwrite', 'shadow', 'rampdown', '(live)')
  const live = stages[3] as Fence
  for (const to of ['shadow', 'dualwrite'] as const) {
    expect(decideMove(live, { direction: 'down', to }, NOW)).toMatchObject({ reason: 'source-not-full' })
    expect(decideMove(UP.live, { direction: 'down', to }, NOW)).toMatchObject({ kind: 'move', first: 'target' })
  }
})

test('a decision is made on the fence that was seen at both stores, or not at all', async () => {
  const stores = storesOf()
  await stores.raise(UP.dualwrite)
  const target = {
    ...stores.target,
    control: async () => {
      const control = await stores.target.control()
      const half = decideMove(UP.dualwrite, { direction: 'up', rolloutPercent: 20 }, NOW)
      if (half.kind === 'move') await stores.source.raise(half.fence)
      return control
    },
  }
  const { collection, around } = collectionOf({ ...stores, target })
  const source = {
    ...stores.source,
    control: async () => ({ ...(await stores.source.control()), fence: UP.dualwrite }),
  }
  collection.source = { partitions: [source] }
  await expect(moveStage(collection, { direction: 'up' }, MOVER, around)).rejects.toMatchObject({ code: 'conflict' })
})
