import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisLedger } from '../../../lib/drivers/ledgers/redis.js'
import { type RedisClient, redisClient } from '../../../lib/drivers/redis/client.js'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { describeLedger } from '../../contract/ledger.js'

/** Long enough for a busy machine: a test must not take slowness for an outage. */
const TIMEOUT_MS = 15_000

describeBackend('embedded')
if (findOnPath('redis-server') !== null) describeBackend('redis-server')
else it.skip('over redis-server: skipped, because redis-server is not on PATH', () => {})

function describeBackend(backend: 'embedded' | 'redis-server'): void {
  describe(`over ${backend}`, () => {
    let gateway: RedisGateway
    let client: RedisClient
    let ledgers = 0

    beforeAll(async () => {
      gateway = await startRedisGateway({ backend })
      client = open()
    })
    afterAll(() => gateway.close())

    function open(): RedisClient {
      return redisClient({ url: gateway.url, token: gateway.token, timeoutMs: TIMEOUT_MS })
    }

    describeLedger(`The Redis ledger over ${backend}`, async () => {
      ledgers += 1
      const prefix = `test[${ledgers}]*?\\:ledger:`
      return {
        ledger: redisLedger({ client, prefix }),
        another: () => redisLedger({ client: open(), prefix }),
        outage: (on) => gateway.outage(on),
        loseNextAnswer: () => gateway.faults.add({ fault: 'drop-after', times: 1 }),
        leftovers: async () => (await allKeys(client)).filter((key) => key.startsWith(prefix)),
        close: () => {
          gateway.outage(false)
          gateway.faults.clear()
        },
      }
    })

    it('removes the keys of no other ledger', async () => {
      await client.command(['SET', 'other', '1'])
      const [a, ab, star] = ['a:', 'a-b:', 'a*'].map((prefix) => redisLedger({ client, prefix }))
      for (const ledger of [a, ab, star]) await ledger?.commit([{ key: 'k', ifRevision: null, value: 1 }])
      await star?.destroy()
      expect(await star?.read('k')).toBeNull()
      expect(await a?.read('k')).not.toBeNull()
      await a?.destroy()
      expect(await ab?.read('k')).not.toBeNull()
      expect(await client.command(['GET', 'other'])).toBe('1')
    })

    it('destroys its counter last, so that a destroy cut short cannot make a position come again', async () => {
      const removed: string[][] = []
      const watched: RedisClient = {
        ...client,
        command(args) {
          if (args[0] === 'DEL') removed.push(args.slice(1).map(String))
          return client.command(args)
        },
      }
      const ledger = redisLedger({ client: watched, prefix: 'watched:' })
      await ledger.commit([{ key: 'k', ifRevision: null, value: 1 }], [{ stream: 's', value: 1 }])
      await ledger.destroy()
      expect(removed.at(-1)).toEqual(['watched:counter'])
      expect(removed.slice(0, -1).flat().toSorted()).toEqual([
        'watched:document:k',
        'watched:index',
        'watched:stream:s',
      ])
    })

    it('takes a document that it did not write for corrupt, never for absent', async () => {
      const ledger = redisLedger({ client, prefix: 'corrupt:' })
      const corrupt = expect.objectContaining({ code: 'corrupt-document' })
      for (const text of ['7', 'secret', '1\n', '1\n{"secret":', 'x\n{}']) {
        await client.command(['SET', 'corrupt:document:k', text])
        await expect(ledger.read('k')).rejects.toEqual(corrupt)
        await expect(ledger.read('k')).rejects.not.toThrow(/secret/)
        expect(await ledger.commit([{ key: 'k', ifRevision: null, value: 1 }])).toMatchObject({ kind: 'conflict' })
      }
      await client.command(['DEL', 'corrupt:document:k'])
      await ledger.commit([{ key: 'k', ifRevision: null, value: 1 }])
      await client.command(['DEL', 'corrupt:document:k'])
      await expect(ledger.list('', null, 10)).rejects.toEqual(corrupt)
    })

    it('asks the server once for each verb', async () => {
      const ledger = redisLedger({ client, prefix: 'once:' })
      const verbs = [
        () => ledger.commit([{ key: 'k', ifRevision: null, value: 1 }], [{ stream: 's', value: 1 }]),
        () => ledger.read('k'),
        () => ledger.list('', null, 200),
        () => ledger.entries('s', { limit: 500 }),
      ]
      for (const verb of verbs) await verb() // makes the scripts known to the server
      for (const verb of verbs) {
        const before = gateway.stats().httpRequests
        await verb()
        expect(gateway.stats().httpRequests - before).toBe(1)
      }
    })

    it('keeps numbers exact far beyond what a laptop can count to', async () => {
      const ledger = redisLedger({ client, prefix: 'far:' })
      await client.command(['SET', 'far:counter', '900719925474098'])
      const far = await ledger.commit([{ key: 'k', ifRevision: null, value: 1 }], [{ stream: 's', value: 1 }])
      expect(far).toEqual({ kind: 'committed', revisions: [900719925474099] })
      await client.command(['SET', 'far:counter', '9007199254740985'])
      const next = await ledger.commit(
        [{ key: 'k', ifRevision: 900719925474099, value: 2 }],
        [{ stream: 's', value: 2 }],
      )
      expect(next).toEqual({ kind: 'committed', revisions: [9007199254740986] })
      const { items } = await ledger.entries('s', { after: '900719925474099-0', limit: 10 })
      expect(items).toEqual([{ position: '9007199254740986-0', value: 2 }])
    })
  })
}

async function allKeys(client: RedisClient): Promise<string[]> {
  const keys = await client.command(['KEYS', '*'])
  return Array.isArray(keys) ? keys.map(String) : []
}
