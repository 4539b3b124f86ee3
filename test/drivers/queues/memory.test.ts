import { expect, test } from 'vitest'
import { MemoryQueue } from '../../../lib/drivers/queues/memory.js'

test('messages wait in order until they are taken, as copies of what was sent', async () => {
  const queue = new MemoryQueue()
  const body = { n: 1 }
  await queue.publish({ path: '/a', body, delaySeconds: 5 })
  body.n = 2
  await queue.publish({ path: '/b', body: undefined })
  expect(queue.peek()).toHaveLength(2)
  expect(queue.takeAll()).toMatchObject([
    { path: '/a', body: { n: 1 }, delaySeconds: 5 },
    { path: '/b', body: null },
  ])
  expect(queue.takeAll()).toEqual([])
})

test('a repeated deduplication id is taken once until the window ends', async () => {
  const queue = new MemoryQueue()
  const publish = () => queue.publish({ path: '/a', body: 1, deduplicationId: 'x' })
  const first = await publish()
  expect(queue.takeAll()).toHaveLength(1)
  expect(await publish()).toEqual(first)
  expect(queue.takeAll()).toHaveLength(0)
  queue.forgetDeduplication()
  await publish()
  expect(queue.takeAll()).toHaveLength(1)
})

test('messages are duplicated, reordered and lost on demand', async () => {
  const queue = new MemoryQueue()
  const ids: string[] = []
  for (const body of [1, 2, 3]) ids.push((await queue.publish({ path: '/a', body })).messageId)
  queue.duplicate(ids[0] ?? '')
  queue.reorder()
  expect(queue.peek().map(({ body }) => body)).toEqual([1, 3, 2, 1])
  queue.lose(ids[1] ?? '')
  queue.reorder(({ body }) => Number(body))
  expect(queue.takeAll().map(({ body }) => body)).toEqual([1, 1, 3])
  expect(() => queue.lose('memory-9')).toThrow('No message memory-9')
})

test('publishes can be refused or lost', async () => {
  const queue = new MemoryQueue()
  queue.refuseNext()
  await expect(queue.publish({ path: '/a', body: 1 })).rejects.toMatchObject({ code: 'unavailable' })
  queue.loseNext()
  expect(await queue.publish({ path: '/a', body: 2 })).toHaveProperty('messageId')
  await queue.publish({ path: '/a', body: 3 })
  expect(queue.takeAll().map(({ body }) => body)).toEqual([3])
})
