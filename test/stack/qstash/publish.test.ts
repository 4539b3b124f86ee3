import { expect, test } from 'vitest'
import { admin, clientOf, useBench } from './setup.js'

const bench = useBench()

test('a published message arrives as it was sent, with its headers, method and query', async () => {
  const server = await bench.start()
  const url = `${bench.destination.url}/api/jobs/run?step=2&name=a%20b`
  const { messageId } = await clientOf(server).publishJSON({
    url,
    body: { hello: 'wörld' },
    method: 'PUT',
    headers: { 'x-run': '7' },
  })
  await server.idle()
  const [call] = bench.destination.calls
  expect(call).toMatchObject({ method: 'PUT', target: '/api/jobs/run?step=2&name=a%20b', body: '{"hello":"wörld"}' })
  expect(call?.headers).toMatchObject({
    'user-agent': 'Upstash-QStash',
    'content-type': 'application/json',
    'upstash-message-id': messageId,
    'upstash-retried': '0',
    'x-run': '7',
  })
  expect(call?.headers.authorization).toBeUndefined()
})

test('a batch is taken as a whole and answers one id for each', async () => {
  const server = await bench.start()
  const answers = await clientOf(server).batchJSON([
    { url: `${bench.destination.url}/a`, body: 1 },
    { url: `${bench.destination.url}/b`, body: 2, delay: 1 },
    { queueName: 'q', url: `${bench.destination.url}/c`, body: 3 },
  ])
  expect(new Set(answers.map((answer) => 'messageId' in answer && answer.messageId)).size).toBe(3)
  await server.idle()
  expect(bench.destination.bodies().sort()).toEqual(['1', '2', '3'])
})

test('nothing of a batch is taken when one message of it is wrong', async () => {
  const server = await bench.start()
  const batch = clientOf(server).batchJSON([
    { url: `${bench.destination.url}/a`, body: 1 },
    { url: 'ftp://nowhere', body: 2 },
  ])
  await expect(batch).rejects.toMatchObject({ status: 400 })
  await server.idle()
  expect(bench.destination.calls).toEqual([])
})

test('a delayed message waits', async () => {
  const server = await bench.start()
  const published = Date.now()
  await clientOf(server).publishJSON({ url: bench.destination.url, body: 1, delay: 1 })
  expect(server.stats().pending).toBe(1)
  await server.idle()
  expect((bench.destination.calls[0]?.at ?? 0) - published).toBeGreaterThanOrEqual(1000)
})

test('not-before in the past delivers at once, and in the future can be cancelled', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  await client.publish({ url: bench.destination.url, body: 'now', notBefore: 1 })
  const later = await client.publish({ url: bench.destination.url, body: 'later', notBefore: 4_000_000_000 })
  await bench.destination.received(1)
  expect(await client.messages.get(later.messageId)).toMatchObject({ body: 'later', notBefore: 4_000_000_000_000 })
  expect(await client.messages.cancel(later.messageId)).toEqual({ cancelled: 1 })
  await server.idle()
  expect(bench.destination.bodies()).toEqual(['now'])
  await expect(client.messages.get(later.messageId)).rejects.toMatchObject({ status: 404 })
})

test('messages are cancelled by label or all together', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  for (const label of ['red', 'red', 'blue']) {
    await client.publish({ url: bench.destination.url, body: label, delay: 600, label: [label, 'any'] })
  }
  expect(await client.messages.cancel({ filter: { label: 'red' } })).toEqual({ cancelled: 2 })
  expect(await client.messages.cancel({ all: true })).toEqual({ cancelled: 1 })
  await server.idle()
})

test('a repeated deduplication id or content is delivered once, until the window ends', async () => {
  const server = await bench.start({ deduplicationWindowMs: 1500 })
  const client = clientOf(server)
  const url = bench.destination.url
  const first = await client.publishJSON({ url, body: 1, deduplicationId: 'run-1' })
  const again = await client.publishJSON({ url, body: 2, deduplicationId: 'run-1' })
  expect(again).toEqual({ messageId: first.messageId, deduplicated: true })
  await client.publishJSON({ url, body: 3, contentBasedDeduplication: true })
  expect(await client.publishJSON({ url, body: 3, contentBasedDeduplication: true })).toMatchObject({
    deduplicated: true,
  })
  expect(await client.publishJSON({ url, body: 4, contentBasedDeduplication: true })).not.toHaveProperty('deduplicated')
  await new Promise((resolve) => setTimeout(resolve, 1600))
  expect(await client.publishJSON({ url, body: 5, deduplicationId: 'run-1' })).not.toHaveProperty('deduplicated')
  await server.idle()
  expect(bench.destination.bodies().sort()).toEqual(['1', '3', '4', '5'])
  expect(server.stats().deduplicated).toBe(2)
})

test('a wrong token is refused everywhere with 401', async () => {
  const server = await bench.start()
  const stranger = clientOf(server, 'another')
  await expect(stranger.publish({ url: bench.destination.url, body: '' })).rejects.toMatchObject({ status: 401 })
  await expect(stranger.schedules.list()).rejects.toMatchObject({ status: 401 })
  expect((await fetch(`${server.url}/__admin/faults`)).status).toBe(401)
  await server.idle()
  expect(bench.destination.calls).toEqual([])
})

test.each([
  ['upstash-retries', 'many'],
  ['upstash-delay', 'soon'],
  ['upstash-retry-delay', 'process.exit(1)'],
  ['upstash-flow-control-key', 'without-a-value'],
  ['upstash-callback', 'nowhere'],
])('a %s of "%s" is refused with 400', async (name, value) => {
  const server = await bench.start()
  const response = await fetch(`${server.url}/v2/publish/${bench.destination.url}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.token}`, [name]: value },
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toEqual({ error: expect.any(String) })
})

test('a body over the limit is refused with 413, an unknown route with 404', async () => {
  const server = await bench.start({ messageBytesMax: 1000 })
  const publish = clientOf(server).publish({ url: bench.destination.url, body: 'x'.repeat(1001) })
  await expect(publish).rejects.toMatchObject({ status: 413 })
  expect((await admin(server, 'GET', '/v2/nothing')).status).toBe(404)
})

test('the log tells the states of a message, newest first, in pages', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  const { messageId } = await client.publishJSON({ url: bench.destination.url, body: 1, label: 'x' })
  await server.idle()
  const { logs } = await client.logs({ filter: { messageId } })
  expect(logs.map(({ state }) => state)).toEqual(['DELIVERED', 'ACTIVE', 'CREATED'])
  const page = await client.logs({ filter: { label: 'x' }, count: 2 })
  const rest = await client.logs({ filter: { label: 'x' }, count: 2, ...(page.cursor ? { cursor: page.cursor } : {}) })
  expect([page.logs.length, rest.logs.length]).toEqual([2, 1])
})
