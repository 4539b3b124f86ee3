import { expect, test } from 'vitest'
import { answering } from './destination.js'
import { clientOf, useBench } from './setup.js'

const bench = useBench()

test('a failing destination is tried again, and the attempts are counted in the header', async () => {
  const server = await bench.start()
  bench.destination.respond = answering(500, 503)
  await clientOf(server).publishJSON({ url: bench.destination.url, body: 1 })
  await server.idle()
  expect(bench.destination.calls.map(({ headers }) => headers['upstash-retried'])).toEqual(['0', '1', '2'])
  expect(new Set(bench.destination.calls.map(({ headers }) => headers['upstash-message-id'])).size).toBe(1)
  expect(server.stats()).toMatchObject({ attempts: 3, retried: 2, delivered: 1, deadLettered: 0 })
})

test('after the last retry a message is a dead letter, which can be listed, retried and deleted', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  const url = `${bench.destination.url}/job`
  bench.destination.respond = answering(500, 500, 500, 500, 500)
  const first = await client.publishJSON({ url, body: { n: 1 }, retries: 1, label: 'one' })
  await server.idle()
  await client.publishJSON({ url, body: { n: 2 }, retries: 0 })
  await server.idle()
  const { messages } = await client.dlq.listMessages()
  expect(messages).toHaveLength(2)
  expect(messages[0]).toMatchObject({
    messageId: first.messageId,
    url,
    body: '{"n":1}',
    maxRetries: 1,
    responseStatus: 500,
    responseBody: 'answer',
  })
  const dlqId = messages[0]?.dlqId ?? ''
  bench.destination.respond = answering()
  const { responses } = await client.dlq.retry(dlqId)
  expect(responses).toHaveLength(1)
  expect(responses[0]?.messageId).not.toBe(first.messageId)
  await server.idle()
  expect(bench.destination.bodies().at(-1)).toBe('{"n":1}')
  expect((await client.dlq.listMessages({ filter: { label: 'one' } })).messages).toEqual([])
  expect(await client.dlq.delete(messages[1]?.dlqId ?? '')).toEqual({ deleted: 1 })
  await expect(client.dlq.delete(dlqId)).rejects.toMatchObject({ status: 404 })
})

test('dead letters are listed in pages and deleted in bulk', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  bench.destination.respond = (_call, response) => void response.writeHead(404).end()
  for (let n = 0; n < 5; n += 1) await client.publish({ url: bench.destination.url, body: `${n}`, retries: 0 })
  await server.idle()
  const page = await client.dlq.listMessages({ count: 3, filter: { responseStatus: 404 } })
  expect(page.messages).toHaveLength(3)
  const rest = await client.dlq.listMessages({ ...(page.cursor ? { cursor: page.cursor } : {}) })
  expect(rest.messages).toHaveLength(2)
  expect(await client.dlq.delete({ dlqIds: page.messages.map(({ dlqId }) => dlqId) })).toMatchObject({ deleted: 3 })
  const retried = await client.dlq.retry({ all: true })
  expect(retried.responses).toHaveLength(2)
  expect(retried.cursor).toBeUndefined()
})

test('489 with the header is never tried again; without the header it is', async () => {
  const server = await bench.start()
  bench.destination.respond = (call, response) => {
    const headers = call.body === 'final' ? { 'Upstash-NonRetryable-Error': 'true' } : {}
    response.writeHead(489, headers).end('no')
  }
  await clientOf(server).publish({ url: bench.destination.url, body: 'final' })
  await clientOf(server).publish({ url: bench.destination.url, body: 'again', retries: 1 })
  await server.idle()
  expect(bench.destination.bodies().sort()).toEqual(['again', 'again', 'final'])
  expect(server.stats().deadLettered).toBe(2)
})

test('an unreachable destination becomes a dead letter without a status', async () => {
  const server = await bench.start()
  const client = clientOf(server)
  await client.publish({ url: 'http://127.0.0.1:1/x', body: '', retries: 1 })
  await server.idle()
  const { messages } = await client.dlq.listMessages()
  expect(messages[0]).not.toHaveProperty('responseStatus')
  expect(server.stats().attempts).toBe(2)
})

test('a destination that takes longer than the timeout has failed', async () => {
  const server = await bench.start()
  bench.destination.respond = () => {}
  await clientOf(server).publish({ url: bench.destination.url, body: '', retries: 0, timeout: 1 })
  await server.idle()
  expect(server.stats()).toMatchObject({ attempts: 1, deadLettered: 1 })
})

test('Retry-After is honoured instead of the back-off', async () => {
  const server = await bench.start({ backoffScale: 1 })
  let calls = 0
  bench.destination.respond = (_call, response) => {
    calls += 1
    response.writeHead(calls === 1 ? 503 : 200, { 'Retry-After': '1' }).end()
  }
  await clientOf(server).publish({ url: bench.destination.url, body: '' })
  await server.idle({ timeoutMs: 8000 })
  const [first, second] = bench.destination.calls
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000)
})

test('a custom retry delay is honoured', async () => {
  const server = await bench.start({ backoffScale: 1 })
  bench.destination.respond = answering(500, 500)
  await clientOf(server).publish({
    url: bench.destination.url,
    body: '',
    retryDelay: 'min(5000, 10 * pow(2, retried))',
  })
  await server.idle({ timeoutMs: 8000 })
  expect(bench.destination.calls).toHaveLength(3)
})

test('the failure callback reports the last attempt, and the callback every attempt', async () => {
  const server = await bench.start()
  const { url } = bench.destination
  bench.destination.respond = (call, response) => {
    response.writeHead(call.target === '/job' ? 500 : 200, { 'x-why': 'full' }).end('broken')
  }
  const { messageId } = await clientOf(server).publishJSON({
    url: `${url}/job`,
    body: { n: 1 },
    retries: 1,
    callback: `${url}/callback`,
    failureCallback: `${url}/failure`,
  })
  await server.idle()
  const bodyOf = (target: string) =>
    bench.destination.calls.filter((call) => call.target === target).map(({ body }) => JSON.parse(body))
  const { messages } = await clientOf(server).dlq.listMessages()
  expect(bodyOf('/failure')).toEqual([
    {
      status: 500,
      header: expect.objectContaining({ 'X-Why': ['full'] }),
      body: Buffer.from('broken').toString('base64'),
      retried: 1,
      maxRetries: 1,
      sourceMessageId: messageId,
      url: `${url}/job`,
      method: 'POST',
      sourceHeader: { 'content-type': ['application/json'] },
      sourceBody: Buffer.from('{"n":1}').toString('base64'),
      notBefore: expect.any(Number),
      createdAt: expect.any(Number),
      callerIP: '127.0.0.1',
      dlqId: messages[0]?.dlqId,
    },
  ])
  expect(
    bodyOf('/callback')
      .map(({ retried }) => retried)
      .sort(),
  ).toEqual([0, 1])
  expect(bodyOf('/callback')[0]).not.toHaveProperty('dlqId')
})
