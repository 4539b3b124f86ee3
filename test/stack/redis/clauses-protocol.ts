import { Redis } from '@upstash/redis'
import { describe, expect, it } from 'vitest'
import { type Backend, post, sharedGateway, strictClient } from './open-gateway.js'

const LIMIT = 10 * 1024 * 1024
const base64 = (text: string) => Buffer.from(text).toString('base64')

export function describeProtocol(backend: Backend): void {
  describe('REST protocol', () => {
    const gateway = sharedGateway(backend)

    it('answers a command with 200 and its result, or 400 and its error', async () => {
      expect(await post(gateway(), '/', ['SET', 'k', 1.5])).toMatchObject({ status: 200, body: { result: 'OK' } })
      expect(await post(gateway(), '/', ['get', 'k'])).toMatchObject({ status: 200, body: { result: '1.5' } })
      expect(await post(gateway(), '/', ['GET', 'none'])).toMatchObject({ status: 200, body: { result: null } })
      expect(await post(gateway(), '/', ['GET'])).toMatchObject({
        status: 400,
        body: { error: "ERR wrong number of arguments for 'get' command" },
      })
      expect((await post(gateway(), '/', ['GET', 'k'])).headers.get('upstash-sync-token')).toBeTruthy()
    })

    it('takes commands from the path, with a body and a query as further arguments', async () => {
      expect(await post(gateway(), '/set/a%2Fb/body?EX=100', undefined)).toMatchObject({ body: { result: 'OK' } })
      expect(await post(gateway(), '/get/a%2Fb', undefined, { method: 'GET' })).toMatchObject({
        body: { result: 'body' },
      })
      expect(await post(gateway(), '/set/raw', 'é "raw"')).toMatchObject({ body: { result: 'OK' } })
      expect(await post(gateway(), '/get/raw', undefined, { method: 'GET' })).toMatchObject({
        body: { result: 'é "raw"' },
      })
      const bytes = {
        method: 'POST',
        body: Buffer.from([0xff, 0x00]),
        headers: { authorization: `Bearer ${gateway().token}` },
      }
      await fetch(`${gateway().url}/set/bytes`, bytes)
      expect(
        await post(gateway(), '/get/bytes', undefined, { method: 'GET', headers: { 'upstash-encoding': 'base64' } }),
      ).toMatchObject({
        body: { result: '/wA=' },
      })
      const response = await fetch(`${gateway().url}/ttl/a%2Fb?_token=${gateway().token}`)
      expect(await response.json()).toEqual({ result: 100 })
    })

    it('encodes every string in base64 when asked, but for a top-level OK and errors', async () => {
      const headers = { 'upstash-encoding': 'base64' }
      const body = [
        ['SET', 'k', 'é'],
        ['GET', 'k'],
        ['MGET', 'k', 'none'],
        ['INCR', 'k'],
        ['EVAL', 'return {1,{"OK"}}', 0],
      ]
      expect((await post(gateway(), '/pipeline', body, { headers })).body).toEqual([
        { result: 'OK' },
        { result: base64('é') },
        { result: [base64('é'), null] },
        { error: 'ERR value is not an integer or out of range' },
        { result: [1, [base64('OK')]] },
      ])
    })

    it('refuses a wrong or missing token', async () => {
      const error = 'WRONGPASS invalid or missing auth token'
      const wrong = { url: gateway().url, token: 'wrong' }
      expect(await post(wrong, '/', ['PING'])).toMatchObject({ status: 401, body: { error } })
      expect(await post(wrong, '/__admin/stats', undefined, { method: 'GET' })).toMatchObject({ status: 401 })
      expect((await fetch(gateway().url, { method: 'POST' })).status).toBe(401)
      await expect(new Redis({ ...wrong, retry: { retries: 0 } }).get('k')).rejects.toThrow(error)
    })

    it('refuses other methods and what is not a command', async () => {
      expect(await post(gateway(), '/get/k', undefined, { method: 'DELETE' })).toMatchObject({ status: 405 })
      for (const body of ['{', '{}', '[]', '[null]', '["SET","k",{}]']) {
        expect(await post(gateway(), '/', body)).toMatchObject({
          status: 400,
          body: { error: expect.stringMatching(/^ERR /) },
        })
      }
      expect(await post(gateway(), '/pipeline', '["GET","k"]')).toMatchObject({ status: 400 })
    })

    it('refuses the commands that Upstash does not offer over REST', async () => {
      const refused = [
        'WATCH k',
        'MULTI',
        'EXEC',
        'BLPOP k 0',
        'SELECT 1',
        'SUBSCRIBE c',
        'XREAD BLOCK 0 STREAMS s $',
        'CLIENT REPLY OFF',
        'SHUTDOWN',
      ]
      for (const text of refused) {
        const command = text.split(' ')
        expect(await post(gateway(), '/', command)).toMatchObject({
          status: 400,
          body: { error: expect.stringContaining(`ERR Command is not available: '${command[0]}'`) },
        })
      }
      expect(await post(gateway(), '/pipeline', [['SET', 'k', '1'], ['MULTI'], ['GET', 'k']])).toMatchObject({
        status: 200,
        body: [{ result: 'OK' }, { error: expect.stringContaining('not available') }, { result: '1' }],
      })
      expect(await post(gateway(), '/', ['XREAD', 'STREAMS', 'BLOCK', '0'])).toMatchObject({ status: 200 })
    })

    it('discards a transaction as a whole, with one error', async () => {
      const discarded = { status: 400, body: { error: 'EXECABORT Transaction discarded because of previous errors.' } }
      expect(await post(gateway(), '/multi-exec', [['SET', 'k', '1'], ['GET']])).toMatchObject(discarded)
      expect(await post(gateway(), '/multi-exec', [['SET', 'k', '1'], ['NOPE']])).toMatchObject(discarded)
      expect(
        await post(gateway(), '/multi-exec', [
          ['SET', 'k', '1'],
          ['WATCH', 'k'],
        ]),
      ).toMatchObject({ status: 400 })
      expect(await strictClient(gateway()).exists('k')).toBe(0)
    })

    it('limits the size of a command and of its result', async () => {
      const large = 'x'.repeat(LIMIT)
      const error = `ERR max request size exceeded. Limit: ${LIMIT} bytes, Actual: ${LIMIT + 4} bytes`
      expect(await post(gateway(), '/', ['SET', 'k', large])).toMatchObject({ status: 400, body: { error } })
      expect(
        (
          await post(gateway(), '/pipeline', [
            ['SET', 'k', large],
            ['SET', 'j', '1'],
          ])
        ).body,
      ).toEqual([{ error }, { result: 'OK' }])
      expect(
        await post(gateway(), '/multi-exec', [
          ['SET', 'i', '1'],
          ['SET', 'k', large],
        ]),
      ).toMatchObject({ status: 400, body: { error } })
      expect(await strictClient(gateway()).mget('i', 'j', 'k')).toEqual([null, '1', null])
      const half = 'x'.repeat(LIMIT / 2)
      await strictClient(gateway()).mset({ a: half })
      await strictClient(gateway()).mset({ b: `${half}!` })
      expect(await post(gateway(), '/', ['MGET', 'a', 'b'])).toMatchObject({
        status: 400,
        body: { error: `ERR max request size exceeded. Limit: ${LIMIT} bytes, Actual: ${LIMIT + 1} bytes` },
      })
    })
  })
}
