import { expect, test } from 'vitest'
import { admin, clientOf, useBench } from './setup.js'

const bench = useBench()

test('duplicate delivers every message once more with the same id, and no more', async () => {
  const server = await bench.start({ seed: 4 })
  server.faults.set({ duplicate: 1 })
  for (let n = 0; n < 6; n += 1) await clientOf(server).publish({ url: bench.destination.url, body: `${n}` })
  await server.idle()
  expect(bench.destination.bodies().sort()).toEqual(['0', '0', '1', '1', '2', '2', '3', '3', '4', '4', '5', '5'])
  expect(server.stats()).toMatchObject({ duplicated: 6, delivered: 6 })
})

test('lose answers with an id and never delivers', async () => {
  const server = await bench.start()
  const response = await admin(server, 'POST', '/__admin/faults', { lose: 1 })
  expect(await response.json()).toEqual({ lose: 1 })
  const { messageId } = await clientOf(server).publish({ url: bench.destination.url, body: 'lost' })
  expect(messageId).toMatch(/^msg_/)
  await admin(server, 'DELETE', '/__admin/faults')
  await clientOf(server).publish({ url: bench.destination.url, body: 'kept' })
  await server.idle()
  expect(bench.destination.bodies()).toEqual(['kept'])
  expect(server.stats().lost).toBe(1)
})

test('reorder lets messages overtake each other, but not within a queue', async () => {
  const server = await bench.start({ seed: 7 })
  server.faults.set({ reorder: true })
  const { url } = bench.destination
  const client = clientOf(server)
  const numbers = Array.from({ length: 12 }, (_, n) => n)
  await client.batchJSON(numbers.map((n) => ({ url: `${url}/free`, body: n })))
  await client.batchJSON(numbers.map((n) => ({ url: `${url}/queued`, body: n, queueName: 'q' })))
  await server.idle()
  const arrived = (target: string) =>
    bench.destination.calls.filter((call) => call.target === target).map(({ body }) => Number(body))
  expect(arrived('/queued')).toEqual(numbers)
  expect(arrived('/free')).not.toEqual(numbers)
  expect(arrived('/free').sort((a, b) => a - b)).toEqual(numbers)
})

test('delay holds messages back', async () => {
  const server = await bench.start()
  server.faults.set({ delayMs: [300, 400] })
  const published = Date.now()
  await clientOf(server).publish({ url: bench.destination.url, body: '' })
  await server.idle()
  expect((bench.destination.calls[0]?.at ?? 0) - published).toBeGreaterThanOrEqual(300)
})

test('refusing answers 503, and a cut before or after tells the caller nothing', async () => {
  const server = await bench.start()
  const publish = (body: string) => clientOf(server).publish({ url: bench.destination.url, body })
  server.faults.set({ refusePublish: true })
  await expect(publish('refused')).rejects.toMatchObject({ status: 503 })
  server.faults.set({ dropBefore: 1 })
  await expect(publish('before')).rejects.toThrow('fetch failed')
  server.faults.set({ dropAfter: 1 })
  await expect(publish('after')).rejects.toThrow('fetch failed')
  await server.idle()
  expect(bench.destination.bodies()).toEqual(['after'])
})

test('the same seed makes the same faults', async () => {
  const delivered: string[][] = []
  for (let round = 0; round < 2; round += 1) {
    const server = await bench.start({ seed: 99 })
    server.faults.set({ lose: 0.5 })
    bench.destination.calls.length = 0
    for (let n = 0; n < 20; n += 1) await clientOf(server).publish({ url: bench.destination.url, body: `${n}` })
    await server.idle()
    delivered.push(bench.destination.bodies().sort())
  }
  expect(delivered[0]).toEqual(delivered[1])
  expect(delivered[0]?.length).toBeGreaterThan(2)
  expect(delivered[0]?.length).toBeLessThan(18)
})

test('faults that are not known are refused', async () => {
  const server = await bench.start()
  expect((await admin(server, 'POST', '/__admin/faults', { explode: true })).status).toBe(400)
  expect((await admin(server, 'POST', '/__admin/faults', { lose: 2 })).status).toBe(400)
})

test('waiting for idle is bounded', async () => {
  const server = await bench.start()
  await clientOf(server).publish({ url: bench.destination.url, body: '', delay: 600 })
  await expect(server.idle({ timeoutMs: 50 })).rejects.toThrow('not idle')
})
