import { describe, expect, it } from 'vitest'
import { type Backend, defaultClient, sharedGateway, strictClient } from './open-gateway.js'

const TEXTS = ['', 'plain', 'null', '42', '"quoted"', 'OK', 'é 日本語 😀 \u0000 \r\n', '{"a":1}']

export function describeClients(backend: Backend): void {
  describe('official client', () => {
    const gateway = sharedGateway(backend)

    it('strict: gives every text back as it was', async () => {
      const redis = strictClient(gateway())
      for (const text of TEXTS) {
        await redis.set('text', text)
        expect(await redis.get('text')).toBe(text)
        await redis.hset('hash', { [text || 'empty']: text })
        expect(await redis.hget('hash', text || 'empty')).toBe(text)
      }
    })

    it('default: auto-pipelines commands of one tick into one request and deserializes', async () => {
      const redis = defaultClient(gateway())
      await redis.set('document', { a: [1, 'é', null] })
      gateway().resetStats()
      const [document, absent, size] = await Promise.all([
        redis.get('document'),
        redis.get('absent'),
        redis.strlen('document'),
      ])
      expect(document).toEqual({ a: [1, 'é', null] })
      expect(absent).toBeNull()
      expect(size).toBe(Buffer.byteLength('{"a":[1,"é",null]}'))
      expect(gateway().stats()).toMatchObject({ httpRequests: 1, commands: 3 })
    })

    it('answers 2,500 commands of one tick, each in its place', async () => {
      const redis = defaultClient(gateway())
      await Promise.all(Array.from({ length: 2_500 }, (_, index) => redis.set(`many:${index}`, index)))
      const values = await Promise.all(Array.from({ length: 2_500 }, (_, index) => redis.get(`many:${index}`)))
      expect(values).toEqual(values.map((_, index) => index))
    })

    it('MGET answers null for the absent', async () => {
      const redis = strictClient(gateway())
      await redis.mset({ a: '1', c: '3' })
      expect(await redis.mget('a', 'b', 'c')).toEqual(['1', null, '3'])
    })

    it('SET with NX and PX', async () => {
      const redis = strictClient(gateway())
      expect(await redis.set('lease', 'one', { nx: true, px: 50_000 })).toBe('OK')
      expect(await redis.set('lease', 'two', { nx: true, px: 50_000 })).toBeNull()
      expect(await redis.get('lease')).toBe('one')
      expect(await redis.pttl('lease')).toBeGreaterThan(30_000)
      await redis.set('short', 'x', { px: 1 })
      await new Promise((resolve) => setTimeout(resolve, 30))
      expect(await redis.get('short')).toBeNull()
    })

    it('pages through a sorted set by lexical ranges', async () => {
      const redis = strictClient(gateway())
      const members = ['Z', 'a', 'b', 'z', 'é', '日']
      for (const member of members) await redis.zadd('index', { score: 0, member })
      const page = (from: `(${string}` | '-') => redis.zrange('index', from, '+', { byLex: true, offset: 0, count: 4 })
      expect(await page('-')).toEqual(['Z', 'a', 'b', 'z'])
      expect(await page('(z')).toEqual(['é', '日'])
    })

    it('hashes, lists, sets, streams and scans', async () => {
      const redis = strictClient(gateway())
      await redis.hset('hash', { a: '1', b: '2' })
      expect(await redis.hgetall('hash')).toEqual(['a', '1', 'b', '2'])
      expect(await defaultClient(gateway()).hgetall('hash')).toEqual({ a: 1, b: 2 })
      await redis.rpush('list', 'x', 'y')
      expect(await redis.lrange('list', 0, -1)).toEqual(['x', 'y'])
      await redis.sadd('set', 'm')
      expect(await redis.smembers('set')).toEqual(['m'])
      await redis.xadd('stream', '1-1', { field: 'value' })
      expect(await redis.xrange('stream', '-', '+')).toEqual([['1-1', ['field', 'value']]])
      expect(await defaultClient(gateway()).xrange('stream', '-', '+')).toEqual({ '1-1': { field: 'value' } })
      const [cursor, keys] = await redis.scan(0, { match: '*s*t*', count: 100 })
      expect(cursor).toBe('0')
      expect([...keys].sort()).toEqual(['list', 'set', 'stream'])
    })

    it('runs a transaction as one, with the error of one command in its place', async () => {
      const redis = strictClient(gateway())
      expect(await redis.multi().set('n', '1').incr('n').get('n').exec()).toEqual(['OK', 2, '2'])
      await redis.set('text', 'abc')
      const results = await redis.multi().incr('text').set('after', '1').exec({ keepErrors: true })
      expect(results[0].error).toContain('ERR value is not an integer')
      expect(results[1]).toEqual({ error: undefined, result: 'OK' })
    })

    it('keeps transactions apart from the commands of others', async () => {
      const redis = strictClient(gateway())
      const transactions = Array.from({ length: 20 }, () => redis.multi().incr('n').incr('n').exec<[number, number]>())
      const singles = Array.from({ length: 20 }, () => redis.incr('n'))
      for (const [first, second] of await Promise.all(transactions)) expect(second).toBe(first + 1)
      await Promise.all(singles)
      expect(await redis.get('n')).toBe('60')
    })

    it('answers the error of one pipelined command in its place', async () => {
      const redis = strictClient(gateway())
      const results = await redis.pipeline().set('text', 'abc').incr('text').get('text').exec({ keepErrors: true })
      expect(results[1].error).toBe('ERR value is not an integer or out of range')
      expect(results[2]).toEqual({ error: undefined, result: 'abc' })
      await expect(redis.pipeline().incr('text').exec()).rejects.toThrow('Command 1 [ incr ] failed: ERR value is not')
    })

    it('answers errors as Redis words them', async () => {
      const redis = strictClient(gateway())
      await redis.hset('hash', { a: '1' })
      await expect(redis.get('hash')).rejects.toThrow(
        'WRONGTYPE Operation against a key holding the wrong kind of value',
      )
    })
  })
}
