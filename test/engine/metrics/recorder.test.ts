import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OVERFLOW } from '../../../lib/core/metrics/measurement.js'
import { sizeOf } from '../../../lib/core/metrics/sketch.js'
import { memoryMetrics } from '../../../lib/drivers/metrics/memory.js'
import { BATCHES_MAX, RECORDER, SERIES_INSTANCE_MAX } from '../../../lib/engine/metrics/recorder.js'
import { all, type Instance, instance, READS, START } from './measuring.js'

describe('what is measured', () => {
  it('is written after the first operation, and then once for all that come while the time runs', async () => {
    const one = instance()
    one.ops(1)
    expect(one.adds).toEqual([])
    await one.pass(0)
    expect(one.adds).toEqual([{ at: START, count: 1 }])
    for (let second = 0; second < 9; second++) {
      one.ops(1_000)
      await one.pass(1_000)
    }
    expect(one.adds).toHaveLength(1)
    await one.pass(1_000)
    expect(one.adds.slice(1)).toEqual([{ at: START, count: 9_000 }])
    expect((await all(one.store))?.count).toBe(9_001)
  })

  it('is written without anybody coming again', async () => {
    const one = instance()
    one.ops(1)
    await one.pass(3_000)
    one.ops(1)
    await one.pass(60_000)
    expect(one.adds.map(({ count }) => count)).toEqual([1, 1])
    await one.pass(600_000)
    expect(one.adds).toHaveLength(2)
  })

  it('keeps no instance alive for minutes: what would have to wait so long is written with what comes', async () => {
    const one = instance({ flushMs: 600_000 })
    one.ops(1)
    await one.pass(5_000)
    one.ops(1)
    await one.pass(900_000)
    expect(one.adds).toHaveLength(1)
    one.ops(1)
    await one.pass(0)
    expect((await all(one.store))?.count).toBe(3)
  })

  it('is told by the bucket in which it happened, however late it is written', async () => {
    const one = instance({ flushMs: 30_000 })
    one.ops(1)
    await one.pass(9_999)
    one.ops(2)
    await one.pass(1)
    one.ops(3)
    await one.pass(60_000)
    const buckets = await one.store.read({ from: START, to: START + 100_000 })
    expect(buckets.map(({ at, measurements }) => [at - START, measurements[0]?.count])).toEqual([
      [0, 3],
      [10_000, 3],
    ])
  })

  it('holds what failed, how long it took, sums, and pairs of series', async () => {
    const one = instance()
    const cell = one.recorder.cell(READS)
    one.recorder.operation(cell, 12, true)
    one.recorder.operation(cell, 14, false)
    one.recorder.count({ ...READS, path: null, operation: 'compare' }, 'matched', 2)
    one.recorder.count({ ...READS, path: null, operation: 'compare' }, 'matched')
    await one.recorder.flush()
    const measured = await all(one.store)
    expect(measured).toMatchObject({ count: 2, errors: 1 })
    expect(sizeOf(measured?.latencyMs ?? new Map())).toBe(2)
    expect(await all(one.store, { operation: 'compare' })).toMatchObject({ count: 0, sums: { matched: 3 } })
  })

  it('tells how the process is, once for each component that it worked for', async () => {
    let memoryShare = 0.3
    const one = instance({ peaks: () => ({ memoryShare }) })
    one.ops(2)
    one.ops(1, { ...READS, component: 'resources' })
    one.recorder.count({ component: 'projects', path: null, operation: 'runtime' }, 'dropped')
    await one.pass(0)
    memoryShare = 0.2
    one.ops(1)
    await one.pass(20_000)
    const runtime = (component: string) => all(one.store, { component, path: null, operation: 'runtime' })
    expect(await runtime('projects')).toMatchObject({ count: 0, peaks: { memoryShare: 0.3 }, sums: { dropped: 1 } })
    expect(await runtime('resources')).toMatchObject({ peaks: { memoryShare: 0.3 } })
  })

  it('of a component that is over is not written, not even what was measured before', async () => {
    const over = new Set<string>()
    const one = instance({ isOver: (component) => over.has(component), peaks: () => ({ memoryShare: 0.1 }) })
    one.ops(1)
    one.ops(1, { ...READS, component: 'resources' })
    over.add('projects')
    await one.pass(20_000)
    expect(await all(one.store, { component: 'projects' })).toBeNull()
    expect((await all(one.store, { component: 'resources', operation: 'read' }))?.count).toBe(1)
    over.add('resources')
    one.ops(1, { ...READS, component: 'resources' })
    await one.pass(20_000)
    expect(one.adds).toHaveLength(1)
  })

  it('goes into the overflow where an instance would tell too many series apart', async () => {
    const one = instance()
    for (let n = 0; n < SERIES_INSTANCE_MAX + 50; n++) one.ops(1, { ...READS, operation: `o${n}` })
    await one.recorder.flush()
    const [bucket] = await one.store.read({ from: START, to: START + 1 })
    expect(bucket?.measurements).toHaveLength(SERIES_INSTANCE_MAX + 1)
    expect((await all(one.store, OVERFLOW))?.count).toBe(50)
  })
})

describe('a store that does not take it', () => {
  it('is asked again, and takes it once, whatever became of the first attempt', async () => {
    for (const fate of ['refused', 'unanswered'] as const) {
      const one = instance()
      one.fates.push(fate)
      one.ops(7)
      await one.pass(30_000)
      expect((await all(one.store))?.count).toBe(7)
      one.ops(1)
      await one.pass(30_000)
      expect((await all(one.store))?.count).toBe(8)
      expect(await all(one.store, RECORDER)).toMatchObject({ sums: { retried: 1 } })
    }
  })

  it('costs no operation anything, and is left alone after some attempts until there is more to tell', async () => {
    const one = instance()
    one.fates.push(...Array.from({ length: 50 }, () => 'refused' as const))
    expect(() => one.ops(5)).not.toThrow()
    await one.pass(600_000)
    expect(one.adds).toHaveLength(3)
    await expect(one.recorder.flush()).rejects.toMatchObject({ code: 'unavailable' })
    one.fates.length = 0
    one.ops(1)
    await one.pass(20_000)
    expect((await all(one.store))?.count).toBe(6)
  })

  it('for an hour: what was sent and never known to be taken is given up, and counted', async () => {
    const one = instance()
    one.fates.push(...Array.from({ length: 3 }, () => 'refused' as const))
    one.ops(5)
    await one.pass(3_600_000)
    one.fates.push('refused')
    one.ops(2)
    await one.pass(60_000)
    expect((await all(one.store))?.count).toBe(2)
    one.ops(1) // of itself it tells with what comes next
    await one.pass(60_000)
    expect(await all(one.store, RECORDER)).toMatchObject({ sums: { lost: 5, retried: 4 } })
  })

  it('because it was sent wrongly: that batch is given up, counted and told, the next one is not', async () => {
    const told: [operations: number, code: string][] = []
    const one = instance({ lost: (...lost) => told.push(lost) })
    one.fates.push('wrong')
    one.ops(4)
    await one.pass(0)
    one.ops(1)
    await one.pass(30_000)
    expect((await all(one.store))?.count).toBe(1)
    expect(await all(one.store, RECORDER)).toMatchObject({ sums: { lost: 4 } })
    expect(told).toEqual([[4, 'internal']])
  })

  it('for long does not make memory grow, and no operation is told by a bucket that begins after it', async () => {
    const one = instance({ flushMs: 1_000 })
    one.fates.push(...Array.from({ length: 10_000 }, () => 'refused' as const))
    const seconds = (BATCHES_MAX + 40) * 10
    for (let second = 0; second < seconds; second++) {
      one.ops(1)
      await one.pass(1_000)
    }
    one.fates.length = 0
    await one.recorder.flush()
    await one.recorder.flush()
    const buckets = await one.store.read({ from: 0, to: START * 2, of: READS })
    expect(buckets.length).toBeLessThanOrEqual(BATCHES_MAX + 1)
    let told = 0
    for (const { at, measurements } of buckets) {
      told += measurements[0]?.count ?? 0
      expect(told).toBeGreaterThanOrEqual((at - START) / 1_000)
    }
    expect(told).toBe(seconds)
  })
})

describe('every operation is accounted for', () => {
  it('at 10,000 a second for two minutes, over a store that fails now and then', async () => {
    const one = instance()
    let done = 0
    for (let tenth = 0; tenth < 1_200; tenth++) {
      if (tenth % 400 === 77) one.fates.push('refused', 'unanswered')
      one.ops(900)
      one.ops(100, { ...READS, operation: 'write' })
      done += 1_000
      await one.pass(100)
    }
    await one.pass(60_000)
    const [reads, writes] = [await all(one.store), await all(one.store, { operation: 'write' })]
    expect([reads?.count, writes?.count, done]).toEqual([1_080_000, 120_000, 1_200_000])
    expect(sizeOf(reads?.latencyMs ?? new Map())).toBe(1_080_000)
    expect((await all(one.store, RECORDER))?.sums).toEqual({ retried: 6 })
    expect(one.adds.length).toBeLessThan(60)
  })

  it('by any number of instances, whenever they flush and whatever the store does', async () => {
    const step = fc.record({
      instance: fc.integer({ min: 0, max: 2 }),
      ops: fc.integer({ min: 0, max: 20 }),
      fate: fc.constantFrom(undefined, undefined, 'refused' as const, 'unanswered' as const),
      flush: fc.boolean(),
      ms: fc.integer({ min: 0, max: 15_000 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const store = memoryMetrics({ bucketMs: 10_000 })
        const instances = [0, 1, 2].map((n) => instance({ store, name: `instance-${n}` }))
        let done = 0
        for (const { instance: n, ops, fate, flush, ms } of steps) {
          const one = instances[n] as Instance
          if (fate !== undefined) one.fates.push(fate)
          one.ops(ops)
          done += ops
          if (flush) await one.recorder.flush().catch(() => {})
          await one.pass(ms)
        }
        for (const one of instances) {
          one.fates.length = 0
          await one.recorder.flush()
        }
        expect((await all(store))?.count ?? 0).toBe(done)
      }),
      { numRuns: 60, seed: 11 },
    )
  })
})
