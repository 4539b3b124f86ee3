import { describe, expect, it } from 'vitest'
import { startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { type Backend, defaultClient, post, sharedGateway, strictClient } from './open-gateway.js'

export function describeFaults(backend: Backend): void {
  describe('faults', () => {
    const gateway = sharedGateway(backend)

    it('drop-before: nothing was executed', async () => {
      const redis = strictClient(gateway())
      gateway().faults.add({ fault: 'drop-before', match: { command: 'incr' }, times: 1 })
      await expect(redis.incr('n')).rejects.toThrow('fetch failed')
      expect(await redis.get('n')).toBeNull()
      expect(await redis.incr('n')).toBe(1)
    })

    it('drop-after: executed, and the client does not know', async () => {
      const redis = strictClient(gateway())
      gateway().faults.add({ fault: 'drop-after', match: { keyPrefix: 'counter:' }, times: 1 })
      await expect(redis.incr('counter:a')).rejects.toThrow('fetch failed')
      expect(await redis.get('counter:a')).toBe('1')
    })

    it('drop-after makes the default client execute twice', async () => {
      gateway().faults.add({ fault: 'drop-after', times: 1 })
      expect(await defaultClient(gateway()).incr('n')).toBe(2)
    })

    it('drop-before strikes a whole pipeline if one command matches, by the keys of a script too', async () => {
      const redis = strictClient(gateway())
      gateway().faults.add({ fault: 'drop-before', match: { keyPrefix: 'record:' } })
      await expect(redis.pipeline().set('a', '1').del('b', 'record:1').exec()).rejects.toThrow('fetch failed')
      await expect(redis.eval('return 1', ['a', 'record:2'], [])).rejects.toThrow('fetch failed')
      expect(await redis.eval('return 1', ['a'], ['record:2'])).toBe(1)
      expect(await redis.get('a')).toBeNull()
    })

    it('error: the command is not executed; a transaction is discarded', async () => {
      const redis = strictClient(gateway())
      gateway().faults.add({ fault: 'error', match: { command: 'SET' }, error: 'ERR max daily request limit exceeded' })
      await expect(redis.set('a', '1')).rejects.toThrow('ERR max daily request limit exceeded')
      const results = await redis.pipeline().set('a', '1').incr('n').exec({ keepErrors: true })
      expect(results).toEqual([
        { error: 'ERR max daily request limit exceeded', result: undefined },
        { error: undefined, result: 1 },
      ])
      await expect(redis.multi().incr('n').set('a', '1').exec()).rejects.toThrow('ERR max daily request limit exceeded')
      expect(await redis.mget('a', 'n')).toEqual([null, '1'])
    })

    it('status: an HTTP status in place of an answer', async () => {
      gateway().faults.add({ fault: 'status', status: 503, times: 1 })
      expect(await post(gateway(), '/', ['SET', 'k', '1'])).toMatchObject({
        status: 503,
        body: { error: 'ERR injected fault' },
      })
      expect(await strictClient(gateway()).get('k')).toBeNull()
    })

    it('delay: before anything is executed, together with other rules', async () => {
      const redis = strictClient(gateway())
      gateway().faults.add({ fault: 'delay', delayMs: 200, match: { command: 'SET' }, times: 1 })
      const begin = performance.now()
      const slow = redis.set('k', 'slow')
      await redis.append('k', 'fast')
      await slow
      expect(performance.now() - begin).toBeGreaterThanOrEqual(190)
      expect(await redis.get('k')).toBe('slow')
    })

    it('probability: the same choices for the same seed', async () => {
      const draw = async (seed: number) => {
        const seeded = await startRedisGateway({ backend: 'embedded', seed })
        seeded.faults.add({ fault: 'error', probability: 0.3 })
        const commands = Array.from({ length: 400 }, () => ['PING'])
        const answers = (await post(seeded, '/pipeline', commands)).body as object[]
        await seeded.close()
        return answers.map((answer) => 'error' in answer)
      }
      const [first, again, other] = [await draw(7), await draw(7), await draw(8)]
      expect(again).toEqual(first)
      expect(other).not.toEqual(first)
      const share = first.filter(Boolean).length / first.length
      expect(share).toBeGreaterThan(0.2)
      expect(share).toBeLessThan(0.4)
    })

    it('takes rules by an admin call, all of a list or none, and clears them', async () => {
      const redis = strictClient(gateway())
      expect((await post(gateway(), '/__admin/faults', [{ fault: 'error' }, { fault: 'unheard-of' }])).status).toBe(400)
      expect(await redis.ping()).toBe('PONG')
      expect((await post(gateway(), '/__admin/faults', [{ fault: 'error', error: 'ERR quota' }])).status).toBe(200)
      await expect(redis.ping()).rejects.toThrow('ERR quota')
      expect((await post(gateway(), '/__admin/faults', undefined, { method: 'DELETE' })).status).toBe(200)
      expect(await redis.ping()).toBe('PONG')
      expect((await post(gateway(), '/__admin/unknown', {})).status).toBe(404)
    })

    it('outage: every data request is refused at the socket until it is lifted', async () => {
      const redis = strictClient(gateway())
      expect((await post(gateway(), '/__admin/outage', { down: true })).status).toBe(200)
      await expect(redis.set('k', '1')).rejects.toThrow('fetch failed')
      expect((await post(gateway(), '/__admin/outage', { down: false })).status).toBe(200)
      expect(await redis.get('k')).toBeNull()
      gateway().outage(true)
      await expect(redis.ping()).rejects.toThrow('fetch failed')
      gateway().outage(false)
      expect(await redis.ping()).toBe('PONG')
    })

    it('counts requests, commands, bytes and faults, and resets', async () => {
      const redis = strictClient(gateway())
      await redis.set('k', 'v')
      await redis.pipeline().get('k').get('k').exec()
      gateway().faults.add({ fault: 'error', times: 1 })
      await redis.get('k').catch(() => {})
      const counts = gateway().stats()
      expect(counts).toMatchObject({ httpRequests: 3, commands: 3, commandsByName: { SET: 1, GET: 2 }, faultsFired: 1 })
      expect(counts.bytesIn).toBe('["set","k","v"][["get","k"],["get","k"]]["get","k"]'.length)
      expect(counts.bytesOut).toBe(
        '{"result":"OK"}[{"result":"dg=="},{"result":"dg=="}]{"error":"ERR injected fault"}'.length,
      )
      expect((await post(gateway(), '/__admin/stats', undefined, { method: 'GET' })).body).toEqual(counts)
      await post(gateway(), '/__admin/stats', undefined, { method: 'DELETE' })
      expect(gateway().stats()).toEqual({
        httpRequests: 0,
        commands: 0,
        commandsByName: {},
        bytesIn: 0,
        bytesOut: 0,
        faultsFired: 0,
      })
    })
  })
}
