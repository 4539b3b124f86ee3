import { Client } from '@modelcontextprotocol/client'
import { expect, test } from 'vitest'
import { CutoverError } from '../../lib/core/error.js'
import { BODY_BYTES_MAX } from '../../lib/mcp/body.js'
import { call, endpoint, postLegacy, postModern, URL_MCP } from './endpoint.js'
import { CLIENTS } from './official-clients.js'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '0' } },
}

test('a request of the era of sessions is answered as JSON, so that a broken connection fails at once', async () => {
  const response = await postLegacy(endpoint().fetchAs(), call('list_projects'))
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('application/json')
})

test('only a request for progress is answered as an event stream', async () => {
  const body = call('list_projects')
  const asking = { ...body, params: { ...body.params, _meta: { progressToken: 0 } } }
  const response = await postLegacy(endpoint().fetchAs(), asking)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  expect(response.headers.get('x-accel-buffering')).toBe('no')
  expect(await response.text()).toContain('"structuredContent":{"items":[]}')
})

test('a reader that leaves an event stream ends it', async () => {
  const { fetchAs, plane, errors } = endpoint()
  let go = () => {}
  plane.pause = () => new Promise((resolve) => (go = resolve))
  const body = call('list_projects')
  const response = await postLegacy(fetchAs(), { ...body, params: { ...body.params, _meta: { progressToken: 1 } } })
  await response.body?.cancel()
  go()
  expect(errors).toEqual([])
})

test.each([
  ['two requests', [call('list_projects'), call('list_projects', {}, 2)]],
  [
    'a request and its cancellation',
    [call('list_projects'), { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }],
  ],
  ['nothing', []],
])('an array of %s is refused with 400, at once', async (_what, body) => {
  const { fetchAs, plane } = endpoint()
  const response = await postLegacy(fetchAs(), body)
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: -32600 }, id: null })
  expect(plane.lists).toBe(0)
})

test.each(CLIENTS)('$name: twenty calls at once all succeed', async ({ connect }) => {
  const { fetchAs, plane } = endpoint()
  plane.seed('projects', [{ id: 'p1', name: 'First' }])
  const client = await connect(fetchAs())
  const calls = Array.from({ length: 20 }, () => client.call('get_project', { id: 'p1' }))
  for (const result of await Promise.all(calls)) expect(result.isError).toBeUndefined()
  await client.close()
})

test.each(CLIENTS)(
  '$name: the message of an error that is not our own never reaches the client',
  async ({ connect }) => {
    const { fetchAs, plane, errors } = endpoint()
    const client = await connect(fetchAs())
    plane.fault = new Error('connect ECONNREFUSED redis://user:secret@host')
    const result = await client.call('get_project', { id: 'p1' })
    expect(result.isError).toBe(true)
    expect(result.content[0]?.text).toMatch(/^internal: /)
    expect(JSON.stringify(result)).not.toContain('secret')
    await expect(client.read('cutover://projects/p1')).rejects.toMatchObject({
      code: -32603,
      message: expect.not.stringContaining('secret'),
    })
    await expect(client.listResources()).rejects.toMatchObject({ message: expect.not.stringContaining('secret') })
    expect(errors.filter((error) => error === plane.fault)).toHaveLength(3)
    await client.close()
  },
)

test.each(CLIENTS)('$name: our own errors keep code, message and particulars', async ({ connect }) => {
  const { fetchAs, plane, errors } = endpoint()
  const client = await connect(fetchAs())
  plane.fault = new CutoverError('unavailable', 'The target does not answer.', {
    cause: new Error('redis://user:secret@host'),
    details: { retryAfterSeconds: 2 },
  })
  const result = await client.call('get_project', { id: 'p1' })
  expect(result.content).toEqual([{ type: 'text', text: 'unavailable: The target does not answer.' }])
  expect(result._meta).toMatchObject({ 'cutover/error': { code: 'unavailable', retryAfterSeconds: 2 } })
  await expect(client.read('cutover://projects/p1')).rejects.toMatchObject({
    code: -32603,
    data: { code: 'unavailable', retryAfterSeconds: 2 },
  })
  expect(errors).toEqual([])
  await client.close()
})

test('session ids and last event ids that a client still sends are ignored, and none is given out', async () => {
  const { fetchAs } = endpoint()
  const stale = { 'Mcp-Session-Id': 'from-before-the-deployment', 'Last-Event-ID': '7' }
  for (const body of [call('list_projects'), INITIALIZE]) {
    const response = await postLegacy(fetchAs(), body, stale)
    expect(response.status).toBe(200)
    expect(response.headers.get('mcp-session-id')).toBeNull()
  }
})

test('another instance answers a client in the midst of its work, without a new connection', async () => {
  const [first, second] = [endpoint(), endpoint()]
  second.plane.seed('projects', [{ id: 'p1', name: 'First' }])
  for (const { connect } of CLIENTS) {
    let serving = first
    const client = await connect((input, init) => serving.fetchAs()(input, init))
    serving = second
    expect((await client.call('get_project', { id: 'p1' })).isError).toBeUndefined()
    await client.close()
  }
})

test.each(['GET', 'DELETE', 'PUT', 'HEAD'])('%s is 405 and names POST', async (method) => {
  const response = await endpoint().fetchAs()(URL_MCP, { method, headers: { Accept: 'text/event-stream' } })
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('POST')
})

test('no change notifications are advertised, in either era', async () => {
  const { fetchAs } = endpoint()
  const capabilities = { tools: { listChanged: false }, resources: { listChanged: false, subscribe: false } }
  const legacy = await postLegacy(fetchAs(), INITIALIZE)
  expect(await legacy.json()).toMatchObject({ result: { capabilities, serverInfo: { name: 'cutover' } } })
  const modern = await postModern(fetchAs(), 'server/discover')
  expect(await modern.json()).toMatchObject({ result: { capabilities, supportedVersions: ['2026-07-28'] } })
})

test('a subscription to changes ends at once', async () => {
  const response = await postModern(endpoint().fetchAs(), 'subscriptions/listen', {
    notifications: { toolsListChanged: true },
  })
  expect(await response.text()).toContain('notifications/subscriptions/acknowledged')
})

test('lists of tools may be kept by one client for a while; data may not', async () => {
  const { fetchAs, plane } = endpoint()
  plane.seed('projects', [{ id: 'p1', name: 'First' }])
  const tools = await postModern(fetchAs(), 'tools/list')
  expect(await tools.json()).toMatchObject({ result: { ttlMs: 300_000, cacheScope: 'private' } })
  for (const [method, params] of [
    ['resources/list', {}],
    ['resources/read', { uri: 'cutover://projects/p1' }],
  ] as const) {
    const response = await postModern(fetchAs(), method, params)
    expect(await response.json()).toMatchObject({ result: { ttlMs: 0, cacheScope: 'private' } })
  }
})

test('a cursor that this listing has not made is -32602', async () => {
  const { fetchAs, plane } = endpoint()
  plane.seed('projects', [{ id: 'p1', name: 'First' }])
  for (const cursor of ['', '0', 'cDE', '%']) {
    const response = await postModern(fetchAs(), 'resources/list', { cursor })
    expect(await response.json()).toMatchObject({ error: { code: -32602 } })
  }
})

test('a missing Accept type is 406, another content type 415, a body that is not JSON 400', async () => {
  const fetch = endpoint().fetchAs()
  expect((await postLegacy(fetch, call('list_projects'), { Accept: 'application/json' })).status).toBe(406)
  expect((await postLegacy(fetch, call('list_projects'), { 'Content-Type': 'text/plain' })).status).toBe(415)
  for (const body of ['', '{', 'null ]']) {
    const response = await postLegacy(fetch, body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ error: { code: -32700 } })
  }
})

test('a body over the limit is 413', async () => {
  const { fetchAs, plane } = endpoint()
  const body = call('create_project', { name: 'x'.repeat(BODY_BYTES_MAX) })
  expect((await postLegacy(fetchAs(), body)).status).toBe(413)
  expect(plane.operations).toEqual([])
})

test.each([
  ['a number that no double holds', '{"id":"p","name":"x","n":9007199254740993}'],
  ['a member that JavaScript gives another meaning', '{"id":"p","name":"x","__proto__":{"admin":true}}'],
  ['half of a surrogate pair', '{"id":"p","name":"\\ud800"}'],
  ['a member that occurs twice', '{"id":"p","name":"x","name":"y"}'],
])('%s is refused in both eras, and not stored as something else', async (_what, args) => {
  const { fetchAs, plane } = endpoint()
  const text = JSON.stringify(call('create_project')).replace('"arguments":{}', `"arguments":${args}`)
  const response = await postLegacy(fetchAs(), text)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ id: 1, error: { code: -32602, message: expect.stringMatching(/\$/) } })
  expect(plane.operations).toEqual([])
})

test('a client that negotiates finds the present protocol', async () => {
  const { fetchAs } = endpoint()
  const { StreamableHTTPClientTransport } = await import('@modelcontextprotocol/client')
  const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode: 'auto' } })
  await client.connect(new StreamableHTTPClientTransport(new URL(URL_MCP), { fetch: fetchAs() }))
  expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28')
  await client.close()
})

test('a fault while a server is made is a 500 that says nothing', async () => {
  const { fetchAs, errors } = endpoint({
    extendLegacy: () => {
      throw new Error('secret')
    },
  })
  const response = await postLegacy(fetchAs(), call('list_projects'))
  expect(response.status).toBe(500)
  expect(await response.text()).not.toContain('secret')
  expect(errors).toHaveLength(1)
})

test('a client of the present protocol asks for the tools once', async () => {
  const { fetchAs, exchanges } = endpoint()
  const client = await CLIENTS[0]?.connect(fetchAs())
  expect(await client?.listTools()).toHaveLength(12)
  expect(await client?.listTools()).toHaveLength(12)
  const asked = exchanges.filter(({ request }) => request.headers.get('mcp-method') === 'tools/list')
  expect(asked).toHaveLength(1)
  await client?.close()
})
