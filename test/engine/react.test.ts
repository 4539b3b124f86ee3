import { expect, it } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { reactTo, type Trouble } from '../../lib/engine/react.js'
import { pairsOf } from '../../lib/engine/stages/move.js'
import { collectionStatus } from '../../lib/engine/status.js'
import { watchCollection } from '../../lib/engine/watch.js'
import { drain, expectEqualStores, go, put, valueAt, type World, world } from './runs/world.js'

/** The target forgets all that came after now; the heartbeat is not set back, as no watch came in between. */
async function lossSince(at: World): Promise<() => Promise<void>> {
  const { items } = await at.collection.target.page(null, 100)
  return async () => {
    const [pair] = pairsOf(at.collection)
    if (pair === undefined) throw new Error('a collection has a partition')
    const { fence, heartbeat } = await pair[0].control()
    at.swapTarget()
    await pair[1].raise(fence)
    await pair[1].beat(heartbeat)
    await pair[1].applyMany(fence, items)
  }
}

async function afterLoss(): Promise<{ at: World; alarm: Trouble; epoch: number }> {
  const at = world({ partitions: 1 })
  await put(at, 'a', { number: 1 })
  await go(at, 'live')
  await watchCollection(at.context, at.collection)
  const lose = await lossSince(at)
  await put(at, 'a', { number: 2 })
  await at.settled()
  await lose()
  await expect(put(at, 'a', { number: 3 })).rejects.toBeInstanceOf(CutoverError)
  const alarm = at.events.find((event) => event.kind === 'target-lost-data')
  if (alarm?.kind !== 'target-lost-data') throw new Error('the loss was not noticed')
  return { at, alarm, epoch: (await collectionStatus(at.context, 'projects')).epoch }
}

it('a loss that an operation has proved is recovered although the heartbeat shows none', async () => {
  const { at, alarm, epoch } = await afterLoss()
  expect(await watchCollection(at.context, at.collection)).toBe('well')
  expect(alarm).toMatchObject({ partition: 0, epoch })
  expect(await reactTo(at.context, at.collection, alarm)).toBe('target-recovered')
  await drain(at)
  expect(await valueAt(at, 'a')).toEqual({ id: 'a', number: 2 })
  expect(await expectEqualStores(at)).toEqual([])
  expect(await collectionStatus(at.context, 'projects')).toMatchObject({ stage: 'shadow', full: true })
})

it('is recovered once, however many tell of it', async () => {
  const { at, alarm, epoch } = await afterLoss()
  for (const turn of [1, 2, 3]) {
    expect(await reactTo(at.context, at.collection, alarm)).toBe(turn === 1 ? 'target-recovered' : 'well')
    await drain(at)
  }
  expect((await collectionStatus(at.context, 'projects')).epoch).toBe(epoch + 1)
})

it('a store that does not answer is what the watch looks at', async () => {
  const at = world({ partitions: 1 })
  await go(at, 'live')
  at.faults.down.add('target')
  const event = { kind: 'no-answer' as const, collection: 'projects', partition: 0, store: 'target' as const }
  expect(await reactTo(at.context, at.collection, event)).toBe('target-unreachable')
})
