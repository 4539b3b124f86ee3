import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { QstashQueue } from '../../../lib/drivers/queues/qstash.js'
import { type QstashServer, startQstashServer } from '../../../scripts/stack/qstash/server.js'
import { type Destination, startDestination } from '../../stack/qstash/destination.js'

let server: QstashServer
let app: Destination

beforeEach(async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  vi.spyOn(console, 'warn').mockImplementation(() => {})
  server = await startQstashServer({ backoffScale: 0.001 })
  app = await startDestination()
})

afterEach(async () => {
  await server.close()
  await app.close()
  vi.restoreAllMocks()
})

test('a message reaches its job route as JSON', async () => {
  const queue = new QstashQueue({ url: server.url, token: server.token, publicUrl: `${app.url}/` })
  const { messageId } = await queue.publish({ path: '/api/jobs/run', body: { runId: 'r1' } })
  await server.idle()
  expect(app.calls).toMatchObject([
    {
      target: '/api/jobs/run',
      body: '{"runId":"r1"}',
      headers: { 'content-type': 'application/json', 'upstash-message-id': messageId },
    },
  ])
})

test('a deduplication id is honoured, also when the answer to the first publish was lost', async () => {
  const queue = new QstashQueue({ url: server.url, token: server.token, publicUrl: app.url })
  server.faults.set({ dropAfter: 1 })
  await expect(queue.publish({ path: '/j', body: 1, deduplicationId: 'run-1' })).rejects.toThrow(CutoverError)
  server.faults.clear()
  await queue.publish({ path: '/j', body: 1, deduplicationId: 'run-1' })
  await server.idle()
  expect(app.calls).toHaveLength(1)
})

test('a delay and the flow control of the queue or of the message are passed on', async () => {
  const flowControl = { key: 'jobs', parallelism: 2 }
  const queue = new QstashQueue({ url: server.url, token: server.token, publicUrl: app.url, flowControl })
  const { messageId } = await queue.publish({ path: '/j', body: 1, delaySeconds: 299.5 })
  const own = await queue.publish({
    path: '/j',
    body: 2,
    delaySeconds: 300,
    flowControl: { key: 'mine', parallelism: 1 },
  })
  const read = async (id: string) => {
    const answer = await fetch(`${server.url}/v2/messages/${id}`, {
      headers: { authorization: `Bearer ${server.token}` },
    })
    return (await answer.json()) as { notBefore: number; createdAt: number }
  }
  const message = await read(messageId)
  expect(message).toMatchObject({ flowControlKey: 'jobs', parallelism: 2 })
  expect(Math.round((message.notBefore - message.createdAt) / 1000)).toBe(300)
  expect(await read(own.messageId)).toMatchObject({ flowControlKey: 'mine', parallelism: 1 })
})

test.each([
  ['a refusal', 503, async () => server.faults.set({ refusePublish: true })],
  ['a queue that is gone', null, () => server.close()],
])('%s is unavailable', async (_name, status, prepare) => {
  const queue = new QstashQueue({ url: server.url, token: server.token, publicUrl: app.url })
  await prepare()
  const publish = queue.publish({ path: '/j', body: 1 })
  await expect(publish).rejects.toMatchObject({ code: 'unavailable', details: { status } })
})

test('errors repeat neither the token nor the body', async () => {
  const queue = new QstashQueue({ url: server.url, token: 'a-secret-token', publicUrl: app.url })
  const error = await queue.publish({ path: '/j?key=hidden', body: 'private' }).catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'unavailable', details: { status: 401 } })
  const told = error instanceof CutoverError ? JSON.stringify([error.message, error.details, error.cause]) : ''
  for (const secret of ['a-secret-token', 'hidden', 'private']) expect(told).not.toContain(secret)
})

test.each([
  { path: 'no-slash', body: 1 },
  { path: '/j', body: 1, deduplicationId: 'a:b' },
  { path: '/j', body: 1, deduplicationId: 'x'.repeat(129) },
  { path: '/j', body: 1, delaySeconds: -1 },
])('a message that QStash would misread is refused: %o', async (message) => {
  const queue = new QstashQueue({ url: server.url, token: server.token, publicUrl: app.url })
  await expect(queue.publish(message)).rejects.toMatchObject({ code: 'invalid-input' })
})

test('a queue URL that is none is a fault of the configuration', () => {
  expect(() => new QstashQueue({ url: 'nowhere', token: 't', publicUrl: app.url })).toThrow('not a URL')
})
