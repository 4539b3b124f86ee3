import { expect, test } from 'vitest'
import { type Fence, slotState } from '../../lib/core/fence.js'
import { write } from '../../lib/core/protocol/write.js'
import { decideMove, decideTargetRecovery } from '../../lib/core/transition.js'
import { beat } from '../../lib/engine/stages/heartbeat.js'
import { recoverTarget } from '../../lib/engine/stages/recover-target.js'
import { journey, NOW, put, storesOf, UP, walk } from './by-hand.js'
import { collectionOf, MOVER } from './engine-by-hand.js'

test('a recovery numbers above everything that either store has decided', async () => {
  const stores = storesOf()
  await stores.source.raise(UP.live)
  await stores.target.raise(UP.complete)
  const { collection, around } = collectionOf(stores)
  expect(await recoverTarget(collection, MOVER, around)).toMatchObject({ epoch: 6 })
  const { fence } = await stores.source.control()
  expect(slotState(fence, 0)).toMatchObject({ stage: 'shadow', era: 6, period: 6, fullSource: true, fullTarget: false })
  expect((await stores.target.control()).fence).toEqual(fence)
})

test('a recovery reads from the source only what the source is known to hold', () => {
  const live = journey('dualwrite', 'shadow', 'rampdown', '(live)')[3] as Fence
  const decision = decideTargetRecovery(live, NOW, 9)
  expect(decision).toMatchObject({ kind: 'move', to: 'live' })
  const { fence } = decision as Extract<typeof decision, { kind: 'move' }>
  expect(slotState(fence, 0)).toMatchObject({ stage: 'live', period: 9, fullSource: false, fullTarget: false })
  expect(decideMove(fence, { direction: 'up' }, NOW)).toMatchObject({ reason: 'target-not-full' })
})

test('a write that the recovered target numbered before is told by the source alone', async () => {
  const stores = storesOf()
  await stores.raise(UP.shadow)
  const writer = await walk(write(put('x'), UP.shadow)).go(stores, 'target.begin')
  const { collection, around } = collectionOf(stores)
  await recoverTarget(collection, MOVER, around)
  await writer.go(stores, 'source.apply')
  await writer.go(stores, 'source.get')
  expect(writer.result()).toMatchObject({ kind: 'unknown', reason: 'numbering-changed-hands' })
})

test('two watches at once never look like a target that was set back', async () => {
  const stores = storesOf()
  await stores.raise(UP.live)
  for (let count = 0; count < 3; count++) await beat(stores.source, stores.target)
  let inner = false
  const between = async <T>(answer: Promise<T>): Promise<T> => {
    const value = await answer
    if (!inner) {
      inner = true
      for (let count = 0; count < 3; count++) await beat(stores.source, stores.target)
    }
    return value
  }
  const source = { ...stores.source, control: () => between(stores.source.control()) }
  const target = { ...stores.target, beat: (count: number) => between(stores.target.beat(count)) }
  expect(await beat(source, target)).toEqual({ kind: 'alive' })
})
