import fc from 'fast-check'
import type { Hono } from 'hono'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ReadRequest } from '../../../lib/core/checkpoint/request.js'
import type { DataPlane, Served } from '../../../lib/core/data-plane.js'
import type { Json } from '../../../lib/core/json.js'
import { answerOf } from '../../../lib/engine/checkpoints/answer.js'
import { builtInRequests } from '../../../lib/engine/checkpoints/built-in.js'
import { type OneSided, oneSided } from '../../../lib/engine/checkpoints/one-sided.js'
import { partitionStates } from '../../../lib/engine/data-plane/partition.js'
import { createApp } from '../../../lib/http/app.js'
import { dataRoutes } from '../../../lib/http/data.js'
import { countingClock, KeptLog } from '../../http/harness.js'
import { type World, write } from '../validate/world.js'
import { filled, NAME } from './world.js'

const SERVED: Served = { stage: 'live', epoch: 1, servedBy: 'target' }

let at: World

beforeAll(async () => {
  at = await filled('live', 60)
  for (const id of ['a/b', 'ä', '日本', 'r005 x', '~']) await write(at, id, { id, odd: true })
  await write(at, 'r010', null)
  await at.settled()
})

/** The surface itself, over one side alone. */
function surface(side: OneSided): Hono {
  const dataPlane: DataPlane = {
    collections: [NAME],
    async get(_collection, id) {
      const found = await side.get(id)
      return found === null ? { kind: 'absent', ...SERVED } : { kind: 'found', ...found, ...SERVED }
    },
    list: async (_collection, after, limit) => ({ ...(await side.list(after, limit)), ...SERVED }),
    write: () => Promise.reject(new Error('nothing is written')),
  }
  const [clock, log] = [countingClock(), new KeptLog()]
  const data = dataRoutes({ dataPlane, authorize: async () => {}, schemas: async () => ({}), clock })
  return createApp({ data, health: async () => ({ healthy: true, issues: [] }), clock, log })
}

async function asServed(app: Hono, { path, cursor, limit, ifMatch, ifNoneMatch }: ReadRequest) {
  const query = new URLSearchParams({
    ...(cursor === undefined ? {} : { cursor }),
    ...(limit === undefined ? {} : { limit }),
  })
  const headers = {
    ...(ifMatch === undefined ? {} : { 'If-Match': ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { 'If-None-Match': ifNoneMatch }),
  }
  const answer = await app.request(`http://cutover.test/api/v1/${NAME}${path}?${query}`, { headers })
  const text = await answer.text()
  const body = text === '' ? null : (JSON.parse(text) as Json)
  const problem = answer.headers.get('content-type') === 'application/problem+json'
  return {
    status: answer.status,
    code: problem ? (body as { code: string }).code : null,
    etag: path === '' ? null : (answer.headers.get('etag')?.slice(1, -1) ?? null),
    body: problem ? null : body,
  }
}

describe.each(['source', 'target'] as const)('a request that is asked of the %s alone', (store) => {
  it('is answered as the data API would answer it', async () => {
    const states = partitionStates(at.collection)
    const side = oneSided(at.collection, states, store)
    const app = surface(side)
    const requests = await builtInRequests(at.collection, states, 'salt')
    expect(requests.length).toBeGreaterThan(60)
    const statuses = new Set<number>()
    for (const request of requests) {
      const answer = await answerOf(side, NAME, request)
      statuses.add(answer.status)
      expect([request, answer]).toEqual([request, await asServed(app, request)])
    }
    expect([...statuses].sort()).toEqual([200, 304, 400, 404, 412])
  })

  it('whatever it looks like', async () => {
    const states = partitionStates(at.collection)
    const side = oneSided(at.collection, states, store)
    const app = surface(side)
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
    const ids = fc.oneof(text, fc.constantFrom('r001', 'a/b', 'r010', '~')).filter((id) => id !== '.' && id !== '..')
    const tags = fc.constantFrom('*', '"1"', 'W/"1"', '"*"', 'x', '', '"a", "b"', '"a" "b"')
    const requests = fc.record(
      {
        path: ids.map((id) => `/${encodeURIComponent(id)}`),
        ifMatch: tags,
        ifNoneMatch: tags,
      },
      { requiredKeys: ['path'] },
    )
    await fc.assert(
      fc.asyncProperty(requests, async (request) => {
        expect(await answerOf(side, NAME, request)).toEqual(await asServed(app, request))
      }),
      { numRuns: 200 },
    )
  })
})
