import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeFence, INITIAL_FENCE } from '../../lib/core/fence.js'
import { isJsonObject, type Json } from '../../lib/core/json.js'
import { redisLedger } from '../../lib/drivers/ledgers/redis.js'
import { type RedisClient, redisClient } from '../../lib/drivers/redis/client.js'
import { decodeCopy, decodeStoredFence, decodeValue, redisLayout } from '../../lib/drivers/stores/redis/layout.js'
import { redisTarget } from '../../lib/drivers/stores/redis/target.js'
import { hostileValue, mutatedJson } from './json.js'
import { attempt, attemptAsync, expectCode } from './judge.js'
import { holds, holdsAsync } from './law.js'
import { hostileText } from './texts.js'

const SECRET = 'redis-token-4242-never-shown'
const FENCE = { ...INITIAL_FENCE, epoch: 3 }
const FENCE_TEXT = `3:0:${encodeFence(FENCE)}`

const reply: fc.Arbitrary<Json> = fc.oneof(
  { weight: 2, arbitrary: hostileValue },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Json>(null, 'OK', 0, 1, '', FENCE_TEXT, ['ok'], ['stale'], [{ toString: 0 }], []),
  },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.oneof(hostileValue, fc.constantFrom<Json>('ok', 'stale', 'known', 'fail', 'done', 'newer', FENCE_TEXT, '7')),
      { maxLength: 6 },
    ),
  },
)

test('values: a record, or refused as damaged; nothing else is taken for a record or for its absence', () => {
  holds(fc.oneof(reply, mutatedJson(hostileValue)), 1_000, (stored) => {
    const tried = attempt(() => decodeValue(stored, 'a'))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'taken') expect(isJsonObject(tried.value)).toBe(true)
    const copy = attempt(() => decodeCopy('7:0:0:op', stored, 'a'))
    expectCode(copy, 'corrupt-document')
    if (copy.kind === 'taken') expect(isJsonObject(copy.value?.value)).toBe(true)
  })
})

test('meta keys: a copy with a version that counts, or refused as damaged', () => {
  const digits = fc.oneof(fc.nat().map(String), fc.constantFrom('', '-1', '1e3', '9'.repeat(16), '9'.repeat(400), '01'))
  const meta = fc.oneof(
    reply,
    fc.tuple(digits, fc.constantFrom('0', '1', '2', ''), fc.constantFrom('0', '1', 'x'), hostileText).map((parts) => {
      return parts.join(':')
    }),
  )
  holds(meta, 1_000, (stored) => {
    const tried = attempt(() => decodeCopy(stored, '{"id":"a"}', 'a'))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'refused' || tried.value === null) return
    expect(Number.isSafeInteger(tried.value.version)).toBe(true)
    expect(tried.value.op).toMatch(/^[\w.-]*$/)
  })
})

test('fences: one that can be used, none at all, or refused as damaged', () => {
  const text = mutatedJson(fc.constant(JSON.parse(encodeFence(FENCE)) as Json)).map((json) => `3:0:${json}`)
  holds(fc.oneof(reply, text), 1_000, (stored) => {
    const tried = attempt(() => decodeStoredFence(stored, 'projects'))
    expectCode(tried, 'corrupt-document')
    if (tried.kind === 'refused') return
    const { fence } = tried.value
    if (fence === null) {
      expect(stored).toBeNull()
      return
    }
    expect(attempt(() => encodeFence(fence)).kind).toBe('taken')
    expect(fence.ranges.at(-1)?.until).toBe(10_000)
  })
})

test('keys: no id and no operation of one collection is a key of another, or one that guards', () => {
  const layouts = ['projects', 'resources', 'projects-0', 'm', 'f'].map((name) => redisLayout(name))
  const own = (layout: (typeof layouts)[number]): string[] => [layout.index, layout.tombstones, layout.fence(0)]
  const guards = layouts.flatMap((layout) => [...own(layout), layout.open(0), layout.heartbeat(0)])
  holds(fc.tuple(hostileText, fc.nat({ max: 4 })), 1_000, ([id, at]) => {
    const layout = layouts[at] ?? redisLayout('projects')
    for (const key of [layout.value(id), layout.meta(id)]) expect(guards).not.toContain(key)
  })
})

/** A server that is no Redis: it answers every request with what the test has set. */
let server: Server
let client: RedisClient
const answer = { status: 200, body: '' }

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeHead(answer.status, { 'Content-Type': 'application/json' })
      response.end(answer.body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  client = redisClient({ url, token: SECRET })
})

afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())))

const status = fc.constantFrom(200, 200, 200, 400, 401, 404, 429, 500, 503)
const wire = fc.oneof(
  reply.map((result) => JSON.stringify({ result })),
  fc.array(reply, { maxLength: 3 }).map((results) => JSON.stringify(results.map((result) => ({ result })))),
  hostileText.map((text) => JSON.stringify({ error: `ERR ${text} ${SECRET}` })),
  mutatedJson(reply.map((result): Json => ({ result }))),
  fc.constantFrom('', '<html>502</html>', '{"error":7}', '[{"error":"WRONGPASS x"},{}]', `{"error":"${SECRET}"}`),
)

test('whatever a database answers, the store and the ledger refuse it in their own words or can use it', async () => {
  const target = redisTarget({ client, collection: 'projects', partitions: 1 })
  const ledger = redisLedger({ client })
  const [partition] = target.partitions
  if (partition === undefined) throw new Error('There is no partition.')
  const write = { id: 'a', op: 'op', startedAt: 0, value: { id: 'a', secret: SECRET }, fenceExpected: true }
  const copies = [{ id: 'a', copy: { version: 7, op: 'op', value: { id: 'a', secret: SECRET } } }]
  const acts: (() => Promise<unknown>)[] = [
    () => partition.get('a'),
    () => partition.getMany(['a', 'b']),
    () => partition.begin(FENCE, write),
    () => partition.probe(FENCE, 'op'),
    () => partition.applyMany(FENCE, copies),
    () => partition.settleMany([{ id: 'a', version: 7, op: 'op' }]),
    () => partition.openIds(null, 10),
    () => partition.control(),
    () => partition.raise(FENCE),
    () => partition.amend(FENCE, { hold: false }),
    () => partition.beat(1),
    () => partition.countOpen(),
    () => target.page(null, 10),
    () => target.count(),
    () => target.plain.get('a'),
    () => target.plain.page(null, 10),
    () => target.plain.write('a', { id: 'a', secret: SECRET }),
    () => target.plain.purge(null),
    () => ledger.read('run/a'),
    () => ledger.list('run/', null, 10),
    () => ledger.entries('audit', { limit: 10, newestFirst: true }),
    () => ledger.commit([{ key: 'run/a', ifRevision: null, value: { secret: SECRET } }]),
  ]
  await holdsAsync(fc.tuple(status, wire, fc.nat({ max: acts.length - 1 })), 800, async ([code, body, at]) => {
    Object.assign(answer, { status: code, body })
    const tried = await attemptAsync(acts[at] ?? (async () => {}))
    expectCode(tried, 'unavailable', 'internal', 'corrupt-document', 'too-large')
    if (tried.kind === 'taken') return
    expect(JSON.stringify([tried.error.message, tried.error.details])).not.toContain(SECRET)
  })
})

test('what is refused because of what is stored names its place and no value', () => {
  const stored = `{"id":"a","secret":"${SECRET}"`
  for (const tried of [
    attempt(() => decodeValue(stored, 'a')),
    attempt(() => decodeCopy(`${SECRET} is no meta`, stored, 'a')),
    attempt(() => decodeStoredFence(`3:0:${stored}`, 'projects')),
  ]) {
    expect(tried).toMatchObject({ kind: 'refused', error: { code: 'corrupt-document' } })
    expect(JSON.stringify(tried)).not.toContain(SECRET)
  }
})
