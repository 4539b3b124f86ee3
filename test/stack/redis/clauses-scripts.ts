import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Backend, sharedGateway, strictClient } from './open-gateway.js'

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex')

export function describeScripts(backend: Backend): void {
  describe('scripts', () => {
    const gateway = sharedGateway(backend)
    const run = (script: string, keys: string[] = [], args: string[] = []) =>
      strictClient(gateway()).eval(script, keys, args)

    it('createScript: EVALSHA, upon NOSCRIPT EVAL, then EVALSHA alone', async () => {
      const script = strictClient(gateway()).createScript<string>(
        `return redis.call('GET', KEYS[1]) -- ${Math.random()}`,
      )
      await strictClient(gateway()).set('key', 'é')
      gateway().resetStats()
      expect(await script.exec(['key'], [])).toBe('é')
      expect(gateway().stats().commandsByName).toEqual({ EVALSHA: 1, EVAL: 1 })
      expect(await script.exec(['key'], [])).toBe('é')
      expect(gateway().stats().commandsByName).toEqual({ EVALSHA: 2, EVAL: 1 })
    })

    it('an unknown SHA-1 is NOSCRIPT', async () => {
      await expect(strictClient(gateway()).evalsha('0'.repeat(40), [], [])).rejects.toThrow(
        'NOSCRIPT No matching script',
      )
    })

    it('a script with allow-key-locking runs by the SHA-1 of its own text', async () => {
      const redis = strictClient(gateway())
      const text = `#!lua flags=allow-key-locking\nreturn {KEYS[1], ${Math.random()} < 2}`
      expect(await redis.scriptExists(sha1(text))).toEqual([0])
      expect(await redis.scriptLoad(text)).toBe(sha1(text))
      expect(await redis.scriptExists(sha1(text))).toEqual([1])
      expect(await redis.evalsha(sha1(text).toUpperCase(), ['k'], [])).toEqual(['k', 1])
      const other = `${text} -- through EVAL`
      expect(await redis.createScript(other).exec(['k'], [])).toEqual(['k', 1])
      expect(await redis.evalsha(sha1(other), ['k'], [])).toEqual(['k', 1])
      expect(await redis.multi().evalsha(sha1(text), ['k'], []).exec()).toEqual([['k', 1]])
    })

    it('sha1hex, cjson, TIME, patterns and whole numbers', async () => {
      expect(await run('return redis.sha1hex(ARGV[1])', [], ['héllo'])).toBe(sha1('héllo'))
      expect(
        await run('local d = cjson.decode(ARGV[1]); d.n = d.n + 1; return cjson.encode(d)', [], ['{"n":41}']),
      ).toBe('{"n":42}')
      expect(await run('return tostring(cjson.decode(ARGV[1]).a == cjson.null)', [], ['{"a":null}'])).toBe('true')
      const seconds = Number(await run("local t = redis.call('TIME'); return t[1]"))
      expect(Math.abs(seconds - Date.now() / 1_000)).toBeLessThan(60)
      expect(await run("return {string.match('v12:rest', '^v(%d+):(.*)$')}")).toEqual(['12', 'rest'])
      expect(await run("return string.format('%.0f', tonumber(ARGV[1]))", [], ['1790000000123456'])).toBe(
        '1790000000123456',
      )
    })

    it('nil replies are false, and nil again for the caller', async () => {
      expect(await run("return tostring(redis.call('GET', 'absent') == false)")).toBe('true')
      expect(await run("return redis.call('GET', 'absent')")).toBeNull()
      expect(await run("redis.call('SET', 'b', '2'); return redis.call('MGET', 'a', 'b')")).toEqual([null, '2'])
      expect(await run('return {1, {2, {"x", {false}}}, "z"}')).toEqual([1, [2, ['x', [null]]], 'z'])
    })

    it('error replies, returned, raised and caught', async () => {
      await expect(run("return redis.error_reply('CONFLICT version 3')")).rejects.toThrow('CONFLICT version 3')
      await expect(run("redis.call('SET', 's', 'x'); return redis.call('INCR', 's')")).rejects.toThrow(
        'ERR value is not an',
      )
      expect(await run("redis.call('SET', 's', 'x'); return redis.pcall('INCR', 's').err")).toContain(
        'value is not an integer',
      )
    })

    it('MGET of 2,000 unpacked keys and a lexical range', async () => {
      const keys = Array.from({ length: 2_000 }, (_, index) => `k${index}`)
      await strictClient(gateway()).mset(
        Object.fromEntries(keys.filter((_, index) => index % 2).map((key) => [key, 'v'])),
      )
      const script = `local found = 0
        for _, value in ipairs(redis.call('MGET', unpack(KEYS))) do if value then found = found + 1 end end
        return found`
      expect(await run(script, keys)).toBe(1_000)
      await run("for i = 1, 20 do redis.call('ZADD', KEYS[1], 0, string.format('m%03d', i)) end", ['index'])
      expect(await run("return redis.call('ZRANGEBYLEX', KEYS[1], '(m005', '+', 'LIMIT', 0, 2)", ['index'])).toEqual([
        'm006',
        'm007',
      ])
    })

    it('one EVALSHA that writes 500 records is one command', async () => {
      const redis = strictClient(gateway())
      const sha = await redis.scriptLoad(`local members = {}
        for i, key in ipairs(KEYS) do
          redis.call('SET', key, ARGV[i])
          members[2 * i - 1] = 0
          members[2 * i] = key
        end
        return redis.call('ZADD', 'index', unpack(members))`)
      const keys = Array.from({ length: 500 }, (_, index) => `record:${index}`)
      gateway().resetStats()
      expect(
        await redis.evalsha(
          sha,
          keys,
          keys.map(() => 'x'.repeat(1_024)),
        ),
      ).toBe(500)
      expect(gateway().stats()).toMatchObject({ commands: 1, commandsByName: { EVALSHA: 1 } })
    })
  })
}
