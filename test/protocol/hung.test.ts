import { expect, test } from 'vitest'
import type { Collection, DataPlaneEvent } from '../../lib/engine/collection.js'
import { COPIES_WAITING_MAX } from '../../lib/engine/data-plane/copies.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import { COMPARISONS_MAX, compareSampled } from '../../lib/engine/validate/sample.js'
import { record, type Stores, storesOf, UP } from './by-hand.js'
import { collectionOf, stateOf } from './engine-by-hand.js'

const hangs = (): Promise<never> => new Promise(() => {})

function planeOf(stores: Stores) {
  const { collection, around } = collectionOf(stores, null)
  const events: DataPlaneEvent[] = []
  let begun = 0
  const background = (): void => void begun++
  const plane = dataPlane([collection as Collection], { ...around, background, report: (event) => events.push(event) })
  const write = async (at: number) => {
    const operation = { op: `op${at}`, startedAt: stores.clock.now(), named: false }
    return plane.write('projects', `a${at}`, operation, { kind: 'put', value: { ...record('a'), id: `a${at}` } })
  }
  return { write, events, begun: () => begun }
}

test('work after answers does not pile up where the other store hangs: what is not begun is left behind', async () => {
  for (const fence of [UP.dualwrite, UP.rampdown]) {
    const stores = storesOf()
    await stores.raise(fence)
    const hung =
      fence === UP.dualwrite
        ? { ...stores, target: { ...stores.target, applyMany: hangs } }
        : { ...stores, source: { ...stores.source, applyMany: hangs } }
    const { write, events, begun } = planeOf(hung)
    // The first is under way, and for ever.
    for (let at = 0; at < 1 + COPIES_WAITING_MAX + 3; at++) await write(at)
    expect(begun()).toBe(COPIES_WAITING_MAX)
    expect(events.map(({ kind }) => kind)).toEqual(['left-behind', 'left-behind', 'left-behind'])
  }
})

test('comparisons do not pile up where a store hangs, and go on when it is back', async () => {
  const stores = storesOf()
  await stores.raise(UP.shadow)
  let free = (): void => {}
  const gate = new Promise<void>((resolve) => {
    free = resolve
  })
  const { get } = stores.source
  const slow = { ...stores.source, get: async (id: string) => gate.then(() => get(id)) }
  const state = stateOf(collectionOf({ ...stores, source: slow }, null).collection)
  const compared = Array.from({ length: COMPARISONS_MAX }, () => compareSampled(state, 'a', stores.clock))
  const dropped = await compareSampled(state, 'a', stores.clock)
  expect(dropped).toEqual({ kind: 'inconclusive', reason: 'store-unavailable' })
  free()
  await Promise.all(compared)
  expect((await compareSampled(state, 'a', stores.clock)).kind).toBe('match')
})
