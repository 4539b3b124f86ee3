import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { type RedisClient, redisClient } from '../../../lib/drivers/redis/client.js'
import { redisTarget } from '../../../lib/drivers/stores/redis/target.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { fenceAt, floorOf, walk } from '../../contract/stores.js'
import { describeTarget } from '../../contract/target.js'
import { began, copyOf, first, partition, writeOf } from '../../contract/target-given.js'

/** Long enough for a busy machine: a test must not take slowness for an outage. */
const TIMEOUT_MS = 15_000

describeBackend('embedded')
if (findOnPath('redis-server') !== null) describeBackend('redis-server')
else it.skip('over redis-server: skipped, because redis-server is not on PATH', () => {})

function describeBackend(backend: 'embedded' | 'redis-server'): void {
  describe(`over ${backend}`, () => {
    let gateway: RedisGateway
    let client: RedisClient
    let targets = 0

    beforeAll(async () => {
      gateway = await startRedisGateway({ backend })
      client = open()
    })
    afterAll(() => gateway.close())
    afterEach(() => {
      gateway.outage(false)
      gateway.faults.clear()
    })

    function open(): RedisClient {
      return redisClient({ url: gateway.url, token: gateway.token, timeoutMs: TIMEOUT_MS })
    }

    describeTarget(`A target in Redis over ${backend}`, async () => {
      targets += 1
      const fixed = { collection: 'items', partitions: 2, prefix: `test[${targets}]*?\\:` }
      return {
        target: redisTarget({ ...fixed, client }),
        another: () => redisTarget({ ...fixed, client: open() }),
        fresh: (latenessMs) => redisTarget({ ...fixed, client, collection: 'others', latenessMs }),
        way: {
          outage: (on) => gateway.outage(on),
          loseNextAnswer: () => gateway.faults.add({ fault: 'drop-after', times: 1 }),
        },
      }
    })

    it('a page that is too much for one answer is shorter than asked for', { timeout: 60_000 }, async () => {
      const target = redisTarget({ client, collection: 'large', partitions: 1 })
      const ids = ['a', 'b', 'c', 'd', 'e']
      const value = { text: 'x'.repeat(4_000_000) }
      for (const id of ids) await began(first(target), 1, id, { value })
      const pages = (page: TargetCollection['page'] | TargetCollection['plain']['page']) =>
        walk<{ id: string }>((after) => page(after, 10))
      expect((await pages(target.page)).map(({ id }) => id)).toEqual(ids)
      expect((await target.page(null, 10)).items.length).toBeLessThan(ids.length)
      expect((await pages(target.plain.page)).map(({ id }) => id)).toEqual(ids)
    })

    describe('keys', () => {
      beforeEach(() => client.command(['FLUSHALL']))
      keys(() => client)
    })
    describe('damage', () => {
      beforeEach(() => client.command(['FLUSHALL']))
      damage(() => client)
    })
  })
}

function keys(client: () => RedisClient): void {
  const open = (collection: string, prefix = ''): TargetCollection =>
    redisTarget({ client: client(), collection, partitions: 2, prefix })

  it('keeps the value under its own plain key, beside it what is removed on the last day', async () => {
    const target = open('projects')
    await began(first(target), 1, 'a/b', { op: 'key.print', value: { id: 'a/b', n: 1 } })
    await began(partition(target, 1), 1, 'gone', { op: 'gone', value: null })
    await first(target).beat(3)
    expect(await client().command(['GET', 'projects:a/b'])).toBe('{"id":"a/b","n":1}')
    expect(await allKeys(client())).toEqual([
      'cutover:f:projects:0',
      'cutover:f:projects:1',
      'cutover:h:projects:0',
      'cutover:m:projects:a/b',
      'cutover:m:projects:gone',
      'cutover:n:projects:0',
      'cutover:n:projects:1',
      'cutover:o:projects:gone',
      'cutover:o:projects:key',
      'cutover:t:projects',
      'projects',
      'projects:a/b',
    ])
    await purge(target)
    expect(await allKeys(client())).toEqual(['projects', 'projects:a/b'])
  })

  it('purges the keys of no other collection, application or prefix', async () => {
    const names: [string, string][] = [
      ['a*', ''],
      ['a', ''],
      ['ab', ''],
      ['a*b', ''],
      ['a*', 'other:'],
      ['a*', '*'],
    ]
    for (const [collection, prefix] of names) await fill(open(collection, prefix))
    await client().command(['MSET', 'cutover:elsewhere', '1', 'cutover:m:a', '1', 'a*:foreign', '1', 'foreign', '1'])
    const before = await allKeys(client())
    await purge(open('a*'))
    const removed = before.filter((key) => /^cutover:[a-z]:a\*(:|$)/.test(key))
    expect(removed.length).toBeGreaterThan(5)
    expect(await allKeys(client())).toEqual(before.filter((key) => !removed.includes(key)))
  })

  it('copes with a scan that answers keys twice, late, and pages that are empty', async () => {
    const target = open('projects')
    await fill(target)
    const scanned: string[] = []
    const repeating: RedisClient = {
      ...client(),
      async command(args) {
        if (args[0] !== 'SCAN') return client().command(args)
        if (args[1] === '0') return ['17', []]
        if (args[1] === '17') {
          const [, found] = (await client().command(['SCAN', '0', ...args.slice(2), 'TYPE', 'string'])) as [
            string,
            string[],
          ]
          scanned.push(...found)
          return ['34', [...found, ...found]]
        }
        const [, found] = (await client().command(['SCAN', '0', ...args.slice(2)])) as [string, string[]]
        return ['0', [...found, ...scanned]]
      },
    }
    await purge(redisTarget({ client: repeating, collection: 'projects', partitions: 2 }))
    expect(await allKeys(client())).toEqual(['projects', 'projects:a', 'projects:b'])
  })

  it('reads in one command, and writes and back-fills in one each', async () => {
    const commands: string[] = []
    const counting: RedisClient = {
      ...client(),
      command(args) {
        commands.push(String(args[0]))
        return client().command(args)
      },
      script(text) {
        const script = client().script(text)
        return {
          run(keys, args) {
            commands.push('EVALSHA')
            return script.run(keys, args)
          },
        }
      },
    }
    const target = redisTarget({ client: counting, collection: 'projects', partitions: 2 })
    await began(first(target), 1, 'a')
    await first(target).get('a')
    await first(target).applyMany(fenceAt(1), [copyOf('a', floorOf(2)), copyOf('b', floorOf(2))])
    expect(commands).toEqual(['EVALSHA', 'MGET', 'EVALSHA'])
  })
}

function damage(client: () => RedisClient): void {
  const target = (): TargetCollection => redisTarget({ client: client(), collection: 'projects', partitions: 2 })
  const corrupt = { name: 'CutoverError', code: 'corrupt-document' }

  it('takes a damaged copy for corrupt, never for absent', async () => {
    await began(first(target()), 1, 'a')
    const meta = (await client().command(['GET', 'cutover:m:projects:a'])) as string
    const damages: [string, string | null, string | null][] = [
      ['a record without its value', meta, null],
      ['a value that is no JSON', meta, '{"id":'],
      ['a meta key of another form', '12', '{"id":"a"}'],
      ['an empty meta key', '', '{"id":"a"}'],
    ]
    for (const [what, badMeta, badValue] of damages) {
      await store('cutover:m:projects:a', badMeta)
      await store('projects:a', badValue)
      await expect(first(target()).get('a'), what).rejects.toMatchObject(corrupt)
      await expect(first(target()).getMany(['a']), what).rejects.toMatchObject(corrupt)
      await expect(target().page(null, 9), what).rejects.toMatchObject(corrupt)
      if (badMeta === meta) continue
      const copies = [copyOf('a', floorOf(9))]
      for (const base of [{}, { base: 0 }, { base: floorOf(9), compare: 'at-most' as const }])
        await expect(first(target()).begin(fenceAt(1), writeOf('a', base)), what).rejects.toThrow(CutoverError)
      await expect(first(target()).applyMany(fenceAt(1), copies), what).rejects.toThrow(CutoverError)
      expect(await client().command(['GET', 'cutover:m:projects:a'])).toBe(badMeta)
    }
  })

  it('takes a damaged fence for corrupt, never for a lower one or none', async () => {
    await began(first(target()), 3, 'a', { op: 'held' })
    const good = (await client().command(['GET', 'cutover:f:projects:0'])) as string
    for (const bad of ['', '7', '3:0:', '3:0:{}', 'x:0:{"epoch":3}', good.slice(0, -3), good.replace(':0:', ':2:')]) {
      await store('cutover:f:projects:0', bad)
      await expect(first(target()).get('a'), bad).rejects.toMatchObject(corrupt)
      await expect(first(target()).control(), bad).rejects.toMatchObject(corrupt)
      await expect(target().page(null, 9), bad).rejects.toMatchObject(corrupt)
    }
    for (const bad of ['', '7', 'x:0:{"epoch":3}']) {
      await store('cutover:f:projects:0', bad)
      const calls = [
        first(target()).begin(fenceAt(9), writeOf('a')),
        first(target()).applyMany(fenceAt(9), [copyOf('a', floorOf(9))]),
        first(target()).probe(fenceAt(9), 'op'),
        first(target()).raise(fenceAt(9)),
        first(target()).amend(fenceAt(9), { hold: false }),
      ]
      await Promise.all(calls.map((call) => expect(call, bad).rejects.toThrow(CutoverError)))
      expect(await client().command(['GET', 'cutover:f:projects:0'])).toBe(bad)
    }
    await store('cutover:f:projects:0', good)
    expect((await first(target()).get('a')).copy).toMatchObject({ version: floorOf(3), op: 'held' })
  })

  async function store(key: string, value: string | null): Promise<void> {
    await client().command(value === null ? ['DEL', key] : ['SET', key, value])
  }
}

async function fill(target: TargetCollection): Promise<void> {
  await began(first(target), 1, 'a')
  await began(partition(target, 1), 1, 'b')
  await began(first(target), 1, 'gone', { value: null })
  await first(target).beat(7)
}

async function purge(target: TargetCollection): Promise<void> {
  let { next } = await target.plain.purge(null)
  for (let steps = 0; next !== null && steps < 1_000; steps++) next = (await target.plain.purge(next)).next
  expect(next).toBeNull()
}

async function allKeys(client: RedisClient): Promise<string[]> {
  return ((await client.command(['KEYS', '*'])) as string[]).sort()
}
