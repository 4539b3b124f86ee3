import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answering } from './destination.js'
import { clientOf, useBench } from './setup.js'

const bench = useBench()

test('a queue delivers in order, one at a time, and a failing message holds the others back', async () => {
  const server = await bench.start()
  const queue = clientOf(server).queue({ queueName: 'orders' })
  bench.destination.respond = answering(200, 500, 500)
  for (let n = 1; n <= 4; n += 1) await queue.enqueueJSON({ url: bench.destination.url, body: n })
  await server.idle()
  expect(bench.destination.bodies()).toEqual(['1', '2', '2', '2', '3', '4'])
  expect(bench.destination.openMax).toBe(1)
})

test('the next message of a queue waits for the callback of the one before', async () => {
  const server = await bench.start()
  const queue = clientOf(server).queue({ queueName: 'orders' })
  const { url } = bench.destination
  for (const name of ['a', 'b'])
    await queue.enqueue({ url: `${url}/${name}`, body: '', callback: `${url}/${name}-done` })
  await server.idle()
  expect(bench.destination.calls.map(({ target }) => target)).toEqual(['/a', '/a-done', '/b', '/b-done'])
})

test('a queue with parallelism has that many under way', async () => {
  const server = await bench.start()
  const queue = clientOf(server).queue({ queueName: 'wide' })
  await queue.upsert({ parallelism: 3 })
  let all = false
  bench.destination.respond = async (_call, response) => {
    // The first three wait for each other, however slowly they come.
    for (let turn = 0; turn < 500 && !(all && bench.destination.openMax >= 3); turn += 1) await sleep(10)
    response.end()
  }
  for (let n = 0; n < 9; n += 1) await queue.enqueueJSON({ url: bench.destination.url, body: n })
  all = true
  await server.idle()
  expect(bench.destination.openMax).toBe(3)
})

test('a paused queue holds its messages until it is resumed', async () => {
  const server = await bench.start()
  const queue = clientOf(server).queue({ queueName: 'calm' })
  await queue.upsert({ paused: true })
  await queue.enqueueJSON({ url: bench.destination.url, body: 1 })
  await clientOf(server).publish({ url: bench.destination.url, body: 'beside' })
  await bench.destination.received(1)
  expect(bench.destination.bodies()).toEqual(['beside'])
  expect(await queue.get()).toMatchObject({ name: 'calm', lag: 1, paused: true, parallelism: 1 })
  await queue.resume()
  await server.idle()
  expect(bench.destination.bodies()).toEqual(['beside', '1'])
  await queue.delete()
  expect(await queue.list()).toEqual([])
})

test('flow control keeps to its parallelism', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  bench.destination.respond = async (_call, response) => {
    await sleep(30)
    response.end()
  }
  const flowControl = { key: 'one at a time', parallelism: 1 }
  await client.batchJSON(Array.from({ length: 5 }, (_, n) => ({ url: bench.destination.url, body: n, flowControl })))
  await server.idle()
  expect(bench.destination.openMax).toBe(1)
  expect(bench.destination.calls).toHaveLength(5)
  expect(await client.flowControl.get(flowControl.key)).toMatchObject({ parallelismMax: 1, parallelismCount: 0 })
})

test('flow control keeps to its rate in every period', async () => {
  const server = await bench.start()
  const flowControl = { key: 'slow', rate: 2, period: 1 }
  await clientOf(server).batchJSON(
    Array.from({ length: 5 }, (_, n) => ({ url: bench.destination.url, body: n, flowControl })),
  )
  await server.idle()
  const times = bench.destination.calls.map(({ at }) => at)
  expect((times[2] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(800)
  expect((times[4] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(1800)
})

test('a paused or pinned key overrides its messages', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  await client.flowControl.pause('k')
  await client.flowControl.pin('k', { parallelism: 1 })
  bench.destination.respond = async (_call, response) => {
    await sleep(20)
    response.end()
  }
  const flowControl = { key: 'k', parallelism: 9 }
  for (let n = 0; n < 4; n += 1) await client.publishJSON({ url: bench.destination.url, body: n, flowControl })
  expect(await client.flowControl.get('k')).toMatchObject({
    isPaused: true,
    isPinnedParallelism: true,
    parallelismMax: 1,
    waitListSize: 4,
  })
  expect(bench.destination.calls).toEqual([])
  await client.flowControl.resume('k')
  await server.idle()
  expect(bench.destination.openMax).toBe(1)
})
