import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataPlane } from '../../../lib/core/data-plane.js'
import { STAGES } from '../../../lib/core/stage.js'
import { redisClient } from '../../../lib/drivers/redis/client.js'
import { redisTarget } from '../../../lib/drivers/stores/redis/target.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { walkStages } from '../../../lib/engine/stages/walk.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import {
  begin,
  change,
  deliver,
  drain,
  fill,
  go,
  ids,
  MOVER,
  operation,
  put,
  runOf,
  valueAt,
  type World,
  type WorldOptions,
  world,
} from '../runs/world.js'

let gateway: RedisGateway

beforeAll(async () => {
  gateway = await startRedisGateway({ backend: 'embedded' })
})
afterAll(() => gateway.close())

let prefixes = 0

/** Every way to keep a target, and how to see all of its keys. */
const kinds = [
  { kind: 'memory', options: (): WorldOptions => ({}) },
  {
    kind: 'redis',
    options: (): WorldOptions => {
      prefixes += 1
      const prefix = `w${prefixes}:`
      const client = redisClient({ url: gateway.url, token: gateway.token })
      return { target: (collection) => redisTarget({ client, collection, partitions: 2, prefix }) }
    },
  },
]

async function keysOfRedis(): Promise<string[]> {
  const client = redisClient({ url: gateway.url, token: gateway.token })
  const keys = (await client.command(['KEYS', `w${prefixes}:*`])) as string[]
  return keys.sort()
}

describe.each(kinds)('clean-up of a target in $kind', ({ kind, options }) => {
  async function complete(): Promise<World> {
    const at = world(options())
    // The target's own clock judges how late a request is.
    if (kind === 'redis') at.clock.time = Date.now()
    await fill(at, 30)
    await put(at, 'a/b ü', { awkward: true })
    await go(at, 'complete')
    await change(at, 'r0003', { kind: 'delete' })
    await put(at, 'r0004', { late: true })
    await at.settled()
    return at
  }

  async function cleanUp(at: World, quietMs = 0) {
    const run = await begin(at, { quietMs }, 'clean-up')
    await drain(at)
    return runOf(at, run.id)
  }

  it('is refused before the end', async () => {
    const at = world(options())
    if (kind === 'redis') at.clock.time = Date.now()
    await fill(at, 5)
    for (const stage of STAGES.filter((one) => one !== 'complete')) {
      await go(at, stage)
      await expect(begin(at, {}, 'clean-up')).rejects.toMatchObject({ code: 'conflict', details: { stage } })
    }
    await walkStages(
      at.context,
      { collection: 'projects', direction: 'up', to: 'complete', rolloutPercent: 50, action: 'x' },
      MOVER,
    )
    await expect(begin(at, {}, 'clean-up')).rejects.toMatchObject({ code: 'conflict' })
  })

  it('leaves the application’s data and nothing else', async () => {
    const at = await complete()
    const run = await cleanUp(at)
    expect(run).toMatchObject({ status: 'succeeded', note: null })
    expect((run.result as { removed: number }).removed).toBeGreaterThan(30)
    if (kind === 'redis') {
      const wanted = [...ids(30).filter((id) => id !== 'r0003'), 'a/b ü'].map((id) => `w${prefixes}:projects:${id}`)
      expect(await keysOfRedis()).toEqual([`w${prefixes}:projects`, ...wanted].sort())
    }
    expect(await at.collection.target.partitions[0]?.countOpen()).toBe(0)
    expect((await at.collection.target.plain.page(null, 200)).items.length).toBe(30)
  })

  it('is safe to run twice, and to be interrupted at any batch', async () => {
    const at = await complete()
    const run = await begin(at, { quietMs: 0 }, 'clean-up')
    let calls = 0
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'purge' && ++calls === 2) throw new Error('killed')
    }
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    await expect(deliver(at, message)).rejects.toThrow('killed')
    expect(await valueAt(at, 'r0004')).toEqual({ id: 'r0004', late: true })
    await deliver(at, message)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
    expect((await cleanUp(at)).status).toBe('succeeded')
    expect(await valueAt(at, 'r0004')).toEqual({ id: 'r0004', late: true })
    if (kind === 'redis') expect((await keysOfRedis()).filter((key) => key.includes('cutover:'))).toEqual([])
  })

  /** Instances that last looked in some stage, and one that begins now. */
  async function instances(at: World): Promise<[string, DataPlane][]> {
    const known: [string, DataPlane][] = []
    for (const stage of STAGES) {
      await go(at, stage)
      const plane = dataPlane(at.context.collections, at.context)
      for (const id of ids(6)) await plane.get('projects', id)
      known.push([stage, plane])
    }
    await at.settled()
    await cleanUp(at)
    return [...known, ['none', dataPlane(at.context.collections, at.context)]]
  }

  it('is nothing that any instance has to be told: reads, conditions, patches, deletes, lists go on', async () => {
    const at = world(options())
    if (kind === 'redis') at.clock.time = Date.now()
    await fill(at, 12)
    for (const [stage, plane] of await instances(at)) {
      const id = `w-${stage}`
      const write = (mutation: Parameters<DataPlane['write']>[3]) =>
        plane.write('projects', id, operation(at.clock), mutation)
      expect(await valueAt(at, 'r0002', plane)).toEqual({ id: 'r0002', number: 2 })
      const created = await write({ kind: 'put', value: { id, n: 1 }, condition: { kind: 'if-none-match' } })
      expect([stage, created.created, created.etag]).toEqual([stage, true, expect.stringMatching(/^[0-9a-f]{40}$/)])
      await expect(
        write({ kind: 'put', value: { id, n: 9 }, condition: { kind: 'if-none-match' } }),
      ).rejects.toMatchObject({
        code: 'precondition-failed',
      })
      const read = await plane.get('projects', id)
      expect(read).toMatchObject({ kind: 'found', etag: created.etag, servedBy: 'target', stage: 'complete' })
      const matched = { kind: 'if-match' as const, etag: created.etag }
      const changed = await write({ kind: 'put', value: { id, n: 2 }, condition: matched })
      await expect(write({ kind: 'put', value: { id, n: 3 }, condition: matched })).rejects.toMatchObject({
        code: 'precondition-failed',
      })
      const patched = await write({ kind: 'patch', change: (now) => ({ ...now, p: true }) })
      expect([patched.value, changed.created]).toEqual([{ id, n: 2, p: true }, false])
      await expect(write({ kind: 'delete', condition: matched })).rejects.toMatchObject({ code: 'precondition-failed' })
      await write({ kind: 'delete' })
      expect(await valueAt(at, id, plane)).toBeNull()
      await expect(write({ kind: 'delete' })).rejects.toMatchObject({ code: 'not-found' })
      await put(at, id, { kept: stage }, plane)
      const { items, end } = await plane.list('projects', null, 200)
      expect([end, items.map((item) => item.id)]).toEqual([true, [...items.map((item) => item.id)].sort()])
      expect(items.map((item) => item.id)).toContain(id)
    }
    if (kind === 'redis') expect((await keysOfRedis()).filter((key) => key.includes('cutover:'))).toEqual([])
    for (const target of at.collection.target.partitions) expect((await target.control()).fence).toBeNull()
  })
})

describe('the quiet time', () => {
  it('is left to the queue, and nothing is removed before it is over', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const run = await begin(at, {}, 'clean-up')
    const [first] = at.queue.takeAll()
    if (first === undefined) throw new Error('no message')
    const began = at.clock.time
    await deliver(at, first)
    expect(at.clock.time - began).toBeLessThan(1_000)
    const [second] = at.queue.takeAll()
    expect(second?.delaySeconds).toBe(15 * 60)
    expect(at.calls.filter((call) => call === 'purge')).toEqual([])
    // Delivered too early, it waits; the watch leaves it alone.
    if (second !== undefined) await deliver(at, second)
    expect(at.calls.filter((call) => call === 'purge')).toEqual([])
    await drain(at)
    expect(at.clock.time - began).toBeGreaterThanOrEqual(15 * 60_000)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
  })

  it('is not begun when the collection has left the last stage meanwhile; the run says so and ends', async () => {
    const at = world()
    await fill(at, 10)
    await go(at, 'complete')
    const run = await begin(at, {}, 'clean-up')
    await go(at, 'rampdown', 'down')
    await drain(at)
    expect(await runOf(at, run.id)).toMatchObject({
      status: 'failed',
      note: expect.stringContaining('left the stage complete'),
    })
    await put(at, 'r0001', { goes: 'on' })
    await go(at, 'complete')
    const again = await begin(at, { quietMs: 0 }, 'clean-up')
    await drain(at)
    expect((await runOf(at, again.id)).status).toBe('succeeded')
  })
})
