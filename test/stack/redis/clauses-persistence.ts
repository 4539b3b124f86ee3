import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findOnPath, startRedisServer } from '../../../scripts/stack/redis/backends/redis-process.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { type Backend, strictClient } from './open-gateway.js'

export function describePersistence(backend: Backend): void {
  describe('persistence', () => {
    let dataDir = ''
    let running: RedisGateway[] = []
    const open = async (kind: Backend | 'auto' = backend) => {
      const gateway = await startRedisGateway({ backend: kind, dataDir })
      running.push(gateway)
      return gateway
    }
    beforeEach(async () => {
      dataDir = await mkdtemp(join(tmpdir(), 'cutover-gateway-'))
    })
    afterEach(async () => {
      await Promise.all(running.map((gateway) => gateway.close()))
      running = []
      await rm(dataDir, { recursive: true, force: true })
    })

    it('everything is there after a restart, with types and expiry', async () => {
      const first = await open()
      const redis = strictClient(first)
      await redis.set('text', 'é😀\u0000')
      await redis.set('expiring', 'x', { px: 100_000 })
      await redis.set('gone', 'x', { px: 1 })
      await redis.hset('hash', { a: '1' })
      await redis.zadd('zset', { score: 1.5, member: 'm' })
      await redis.rpush('list', 'x', 'y')
      await redis.sadd('set', 'm')
      await redis.xadd('stream', '1-1', { f: 'v' })
      await redis.xgroup('stream', { type: 'CREATE', group: 'g', id: '0' })
      await redis.eval("redis.call('SET', KEYS[1], ARGV[1])", ['scripted'], ['yes'])
      await first.close()

      const again = strictClient(await open('auto'))
      expect(await again.mget('text', 'gone', 'scripted')).toEqual(['é😀\u0000', null, 'yes'])
      expect(await again.pttl('expiring')).toBeGreaterThan(50_000)
      expect(await again.hgetall('hash')).toEqual(['a', '1'])
      expect(await again.zrange('zset', 0, -1, { withScores: true })).toEqual(['m', '1.5'])
      expect(await again.lrange('list', 0, -1)).toEqual(['x', 'y'])
      expect(await again.smembers('set')).toEqual(['m'])
      expect(await again.xrange('stream', '-', '+')).toEqual([['1-1', ['f', 'v']]])
      expect(await again.xreadgroup('g', 'c', 'stream', '>')).toEqual([['stream', [['1-1', ['f', 'v']]]]])
    })

    it('can be restarted many times, and closed twice', async () => {
      for (let round = 1; round <= 3; round += 1) {
        const gateway = await open()
        expect(await strictClient(gateway).incr('rounds')).toBe(round)
        await Promise.all([gateway.close(), gateway.close()])
      }
    })

    if (backend === 'embedded') {
      it('writes a snapshot by itself soon after a write', async () => {
        const gateway = await open()
        await strictClient(gateway).set('k', 'v')
        const copy = await mkdtemp(join(tmpdir(), 'cutover-gateway-copy-'))
        const file = join(dataDir, 'redis.snapshot')
        const bytes = await eventually(() => readFile(file))
        await writeFile(join(copy, 'redis.snapshot'), bytes)
        const other = await startRedisGateway({ backend, dataDir: copy })
        expect(await strictClient(other).get('k')).toBe('v')
        await other.close()
        await rm(copy, { recursive: true })
      })

      it('refuses a snapshot that it cannot read', async () => {
        await writeFile(join(dataDir, 'redis.snapshot'), 'not a snapshot')
        await expect(open()).rejects.toMatchObject({ code: 'corrupt-document' })
      })
    }

    if (backend === 'redis-server') {
      it('refuses a directory that another server uses', async () => {
        await open()
        await expect(open()).rejects.toMatchObject({ code: 'configuration' })
      })

      it('is stopped in order, with its last write, when the process of the gateway is killed', async () => {
        const program = fileURLToPath(new URL('killed-gateway.ts', import.meta.url))
        const child = spawn(process.execPath, ['--import', 'tsx', program, dataDir], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        await once(child.stdout, 'data')
        child.kill('SIGKILL')
        await once(child, 'exit')
        expect(await strictClient(await open()).get('last')).toBe('written')
      })

      it('uses an existing server by its URL, and leaves it running', async () => {
        const server = await startRedisServer(findOnPath('redis-server') ?? '', null)
        for (const round of [1, 2]) {
          const gateway = await startRedisGateway({ redisUrl: server.url })
          expect(gateway.backend).toBe('redis-server')
          expect(await strictClient(gateway).incr('rounds')).toBe(round)
          await gateway.close()
        }
        await server.stop()
        expect(server.gone.aborted).toBe(true)
      })

      it('breaks the connection of a request whose server has gone', async () => {
        const server = await startRedisServer(findOnPath('redis-server') ?? '', null)
        const gateway = await startRedisGateway({ redisUrl: server.url })
        await server.stop()
        await expect(strictClient(gateway).incr('n')).rejects.toThrow('fetch failed')
        await gateway.close()
      })
    }
  })
}

const ATTEMPTS_MAX = 100

async function eventually<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read()
    } catch (error) {
      if (attempt === ATTEMPTS_MAX) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
