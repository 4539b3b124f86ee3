import { describe, expect, it } from 'vitest'
import { BATCH_BYTES_MAX } from '../../../lib/core/batch.js'
import { CutoverError } from '../../../lib/core/error.js'
import {
  begin,
  deliver,
  drain,
  expectEqualStores,
  fill,
  go,
  INVOCATION_MS,
  pass,
  put,
  runOf,
  type World,
  world,
} from './world.js'

async function inShadow(records: number, partitions = 1): Promise<World> {
  const at = world({ partitions })
  await fill(at, records)
  await go(at, 'shadow')
  at.calls.length = 0
  return at
}

/** Every page takes this long. */
function slow(at: World, ms: number): void {
  at.faults.before = (store, call) => {
    if (store === 'target' && call === 'applyMany') at.clock.time += ms
  }
}

describe('a delivery', () => {
  it('ends before its deadline, and the next message goes on where it stood', async () => {
    for (const ms of [50, 400, 900, 2_000]) {
      const at = await inShadow(400)
      slow(at, ms)
      const run = await begin(at)
      let deliveries = 0
      for (let last = 0; (await runOf(at, run.id)).status === 'running'; deliveries++) {
        const [message] = at.queue.takeAll()
        if (message === undefined) throw new Error('nothing follows')
        const deadlineAt = at.clock.time + INVOCATION_MS
        await deliver(at, message)
        expect(at.clock.time, `${ms} ms a batch`).toBeLessThanOrEqual(deadlineAt)
        const { done, step } = await runOf(at, run.id)
        expect(done).toBeGreaterThanOrEqual(last)
        expect(step).toBeLessThanOrEqual(deliveries + 2)
        last = done
      }
      expect((await runOf(at, run.id)).status).toBe('succeeded')
      if (ms >= 900) expect(deliveries).toBeGreaterThan(1)
      expect(await expectEqualStores(at)).toEqual([])
    }
  })

  it('does not try a store that is down again when its time is over', async () => {
    const at = await inShadow(50)
    const run = await begin(at)
    const [message] = at.queue.takeAll()
    at.faults.before = (store, call) => {
      if (store === 'target' && call === 'control') at.clock.time += 4_500
    }
    at.faults.down.add('target')
    const from = at.clock.time
    if (message === undefined) throw new Error('no message')
    await expect(deliver(at, message)).rejects.toMatchObject({ code: 'unavailable' })
    expect(at.clock.time - from).toBeLessThan(INVOCATION_MS)
    const { status, note, lease } = await runOf(at, run.id)
    expect([status, lease]).toEqual(['running', null])
    expect(note).toMatch(/^unavailable: /)
  })
})

describe('batches', () => {
  it('begin at 20 records, and grow while they are quick', async () => {
    const at = await inShadow(2_000)
    const sizes: number[] = []
    at.faults.before = (store, call, args) => {
      if (store === 'target' && call === 'applyMany') sizes.push((args[1] as unknown[]).length)
    }
    await pass(at)
    expect(sizes.slice(0, 6)).toEqual([20, 40, 80, 160, 320, 500])
    // Commands of a whole pass for each 50 records, once batches have grown.
    const grown = sizes.slice(5)
    const records = grown.reduce((sum, size) => sum + size, 0)
    expect(grown.length).toBeLessThanOrEqual(Math.ceil(records / 50))
  })

  it('cost a few commands each, whatever they hold', async () => {
    const at = await inShadow(2_000)
    at.calls.length = 0
    const run = await pass(at)
    expect(at.calls.length).toBeLessThanOrEqual(8 * (run.counters.batches ?? 0) + 20)
    expect(at.calls.length).toBeLessThanOrEqual(2_000 / 10)
  })

  it('shrink while they are slow, and after a store was throttled', async () => {
    const at = await inShadow(600)
    const run = await begin(at)
    const sizes: number[] = []
    let failures = 1
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      sizes.push((args[1] as unknown[]).length)
      at.clock.time += sizes.length > 6 ? 2_000 : 0
      if (sizes.length === 3 && failures-- > 0) throw new CutoverError('unavailable', 'Too many requests.')
    }
    await drain(at, 60_000)
    // 80 is tried, refused, tried again; half of it follows.
    expect(sizes.slice(0, 6)).toEqual([20, 40, 80, 80, 40, 80])
    expect(sizes.slice(7)).toEqual([...sizes.slice(7)].sort((a, b) => b - a))
    expect(sizes.at(-1)).toBeLessThan(80)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
  })

  it('never carry more bytes than one command may, however large the next records are', async () => {
    const at = world({ partitions: 1 })
    await fill(at, 300)
    for (let number = 0; number < 12; number++) await put(at, `s${number}`, { text: 'ü'.repeat(150_000) })
    await put(at, 'z', { text: 'x'.repeat(900_000) })
    await go(at, 'shadow')
    const bytes: number[] = []
    at.faults.before = (store, call, args) => {
      if (store !== 'target' || call !== 'applyMany') return
      const copies = args[1] as { copy: { value: unknown } }[]
      bytes.push(copies.reduce((sum, { copy }) => sum + Buffer.byteLength(JSON.stringify(copy.value)), 0))
    }
    const run = await pass(at)
    expect(run.status).toBe('succeeded')
    expect(Math.max(...bytes)).toBeLessThanOrEqual(BATCH_BYTES_MAX)
    expect(await expectEqualStores(at)).toEqual([])
  })
})

describe('a pace', () => {
  it.each([
    { limit: 100, invocationMs: 10_000 },
    { limit: 7, invocationMs: 10_000 },
    { limit: 0.5, invocationMs: 4_000 },
  ])('of $limit records a second is kept across messages of $invocationMs ms', async ({ limit, invocationMs }) => {
    const records = limit < 1 ? 12 : 240
    const at = await inShadow(records)
    const times: { at: number; size: number }[] = []
    at.faults.before = (store, call, args) => {
      if (store === 'target' && call === 'applyMany')
        times.push({ at: at.clock.time, size: (args[1] as unknown[]).length })
    }
    const run = await begin(at, { recordsPerSecondMax: limit })
    await drain(at, invocationMs)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
    // After each batch nothing more comes until what was worked is paid for.
    let due = 0
    for (const { at: moment, size } of times) {
      expect(moment).toBeGreaterThanOrEqual(Math.floor(due))
      due = moment + (size / limit) * 1000
    }
    const seconds = ((times.at(-1)?.at ?? 0) - (times[0]?.at ?? 0)) / 1000
    const all = times.slice(0, -1).reduce((sum, { size }) => sum + size, 0)
    expect(all / seconds).toBeGreaterThan(limit * 0.7)
    expect(Math.max(...at.clock.slept, 0)).toBeLessThanOrEqual(5_000)
  })

  it('holds for copies that come back from the target as well', async () => {
    const at = await inShadow(0)
    await go(at, 'complete')
    for (let number = 0; number < 60; number++) await put(at, `t${number}`, { number })
    await at.settled()
    await go(at, 'live', 'down')
    const from = at.clock.time
    const run = await pass(at, { recordsPerSecondMax: 10 })
    expect(run.counters).toMatchObject({ returned: 60 })
    expect(at.clock.time - from).toBeGreaterThan(3_000)
    expect(run.status).toBe('succeeded')
  })

  it('is told in the progress', async () => {
    const at = await inShadow(100)
    const run = await begin(at, { recordsPerSecondMax: 20 })
    const [message] = at.queue.takeAll()
    if (message === undefined) throw new Error('no message')
    at.faults.before = (store) => {
      if (store === 'target') at.clock.time += 1
    }
    await deliver(at, message, 6_000)
    const { progressOf } = await import('../../../lib/core/run.js')
    const progress = progressOf(await runOf(at, run.id))
    expect(progress.perSecond).toBeLessThanOrEqual(20)
    expect(progress.secondsLeft).toBeGreaterThanOrEqual(Math.floor((100 - progress.done) / 20))
  })
})
