import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisMetrics } from '../../../lib/drivers/metrics/redis.js'
import { type RedisClient, redisClient } from '../../../lib/drivers/redis/client.js'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { describeMetrics, MIDNIGHT, measurement } from '../../contract/metrics.js'

/** Long enough for a busy machine: a test must not take slowness for an outage. */
const TIMEOUT_MS = 15_000
const HOUR = 3_600_000

describeBackend('embedded')
if (findOnPath('redis-server') !== null) describeBackend('redis-server')
else it.skip('over redis-server: skipped, because redis-server is not on PATH', () => {})

function describeBackend(backend: 'embedded' | 'redis-server'): void {
  describe(`over ${backend}`, () => {
    let gateway: RedisGateway
    let client: RedisClient
    let stores = 0
    beforeAll(async () => {
      gateway = await startRedisGateway({ backend })
      client = redisClient({ url: gateway.url, token: gateway.token, timeoutMs: TIMEOUT_MS })
    })
    afterAll(() => gateway.close())

    function open(now: number, prefix: string) {
      return redisMetrics({ client, clock: { now: () => now }, prefix })
    }

    describeMetrics(`The Redis store over ${backend}`, async () => {
      stores += 1
      const prefix = `test[${stores}]*?\\:metrics:`
      return {
        metrics: open(MIDNIGHT + HOUR, prefix),
        another: () => open(MIDNIGHT + HOUR, prefix),
        outage: (on) => gateway.outage(on),
        loseNextAnswer: () => gateway.faults.add({ fault: 'drop-after', times: 1 }),
        leftovers: async () => (await keys()).filter((key) => key.startsWith(prefix)),
        close: () => {
          gateway.outage(false)
          gateway.faults.clear()
        },
      }
    })

    async function keys(): Promise<string[]> {
      const found = await client.command(['KEYS', '*'])
      return Array.isArray(found) ? found.map(String) : []
    }

    it('adds with one request, whatever there is to add', async () => {
      const metrics = open(MIDNIGHT, 'one:')
      await metrics.add(MIDNIGHT, [measurement()])
      const before = gateway.stats().httpRequests
      const many = Array.from({ length: 20 }, (_, n) => measurement({ operation: `o${n}` }, { count: 1 }))
      await metrics.add(MIDNIGHT, many, { by: 'a', number: 1 })
      expect(gateway.stats().httpRequests - before).toBe(1)
    })

    it('lets everything but the totals expire', async () => {
      const metrics = open(MIDNIGHT, 'ttl:')
      await metrics.add(MIDNIGHT, [measurement({}, { count: 1 })], { by: 'a', number: 1 })
      const expiry = async (key: string) => Math.ceil(Number(await client.command(['PTTL', `ttl:${key}`])) / HOUR)
      expect(await expiry(`fine:${MIDNIGHT}`)).toBe(3)
      expect(await expiry(`coarse:${MIDNIGHT}`)).toBe(30 * 24 + 1)
      expect(await expiry('once:a')).toBe(2)
      expect(await client.command(['PTTL', 'ttl:totals'])).toBe(-1)
    })

    it('tells long windows by coarse buckets and their end by fine ones, each operation once', async () => {
      const now = MIDNIGHT + 30 * HOUR + 123_456
      const metrics = open(now, 'long:')
      let added = 0
      for (let at = MIDNIGHT; at < now; at += 6 * 60_000 + 17) {
        await metrics.add(at, [measurement({}, { count: 1 })])
        added += 1
      }
      const sumOf = async (from: number, to: number) => {
        const before = gateway.stats().httpRequests
        const buckets = await metrics.read({ from, to })
        const count = buckets.reduce((sum, { measurements }) => sum + (measurements[0]?.count ?? 0), 0)
        for (const { at, widthMs } of buckets) expect(at % widthMs).toBe(0)
        expect(buckets.map(({ at }) => at)).toEqual(buckets.map(({ at }) => at).toSorted((a, b) => a - b))
        return {
          count,
          widths: new Set(buckets.map(({ widthMs }) => widthMs)),
          asked: gateway.stats().httpRequests - before,
        }
      }
      expect(await sumOf(MIDNIGHT, now)).toEqual({ count: added, widths: new Set([300_000, 10_000]), asked: 2 })
      const day = await sumOf(now - 24 * HOUR, now)
      expect(day.count).toBeGreaterThan(235)
      expect(day.count).toBeLessThanOrEqual(240)
      expect(await sumOf(now - HOUR, now)).toMatchObject({ count: 10, widths: new Set([10_000]), asked: 1 })
      expect((await sumOf(MIDNIGHT, MIDNIGHT + HOUR)).count).toBe(10)
      expect((await sumOf(now - 30 * 24 * HOUR, now)).asked).toBe(13)
    })

    it('asks again where an answer would be too large, and answers all of it', async () => {
      const metrics = open(MIDNIGHT + HOUR, 'large:')
      const sums = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`s${'x'.repeat(50)}${n}`, 1]))
      for (let at = 0; at < 4; at++) {
        const many = Array.from({ length: 130 }, (_, n) => measurement({ operation: `o${n}` }, { count: 1, sums }))
        await metrics.add(MIDNIGHT + at * 10_000, many)
      }
      const before = gateway.stats().httpRequests
      const buckets = await metrics.read({ from: MIDNIGHT, to: MIDNIGHT + HOUR })
      expect(buckets.map(({ measurements }) => measurements.length)).toEqual([130, 130, 130, 130])
      expect(gateway.stats().httpRequests - before).toBeGreaterThan(1)
    })

    it('takes what it did not write for corrupt, never for nothing, and shows none of it', async () => {
      const metrics = open(MIDNIGHT, 'corrupt:')
      const series = 'projects\nsource\nread'
      for (const text of ['secret', '1 0|x:y||', '1 0|||secret=x', '1|||', '']) {
        for (const kind of ['fine', 'coarse'])
          await client.command(['HSET', `corrupt:${kind}:${MIDNIGHT}`, series, text])
        const read = metrics.read({ from: MIDNIGHT, to: MIDNIGHT + 1 })
        await expect(read).rejects.toMatchObject({ code: 'corrupt-document' })
        await expect(read).rejects.not.toThrow(/secret/)
      }
    })

    it('removes the keys of no other part', async () => {
      await client.command(['SET', 'app:1', 'x'])
      const [one, other] = ['o1:', 'o1-b:'].map((prefix) => open(MIDNIGHT, prefix))
      for (const metrics of [one, other]) await metrics?.add(MIDNIGHT, [measurement({}, { count: 1 })])
      await one?.destroy()
      expect((await keys()).filter((key) => key.startsWith('o1:'))).toEqual([])
      expect(await other?.read({ from: MIDNIGHT, to: MIDNIGHT + 1 })).toHaveLength(1)
      expect(await client.command(['GET', 'app:1'])).toBe('x')
    })
  })
}
