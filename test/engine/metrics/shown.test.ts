import { describe, expect, it } from 'vitest'
import { type Measurement, nothingMeasured, type Path } from '../../../lib/core/metrics/measurement.js'
import { addValue } from '../../../lib/core/metrics/sketch.js'
import { putNamedFlag } from '../../../lib/engine/flags/flags.js'
import { measurePaths } from '../../../lib/engine/metrics/measure-paths.js'
import { listPoints } from '../../../lib/engine/metrics/points.js'
import { showMetrics } from '../../../lib/engine/metrics/shown.js'
import { takeIn } from '../../../lib/engine/metrics/take-in.js'
import { inUseWithin, trafficSince } from '../../../lib/engine/metrics/traffic.js'
import { declareComponent } from '../../../lib/engine/programs/declare.js'
import { flagNamed } from '../flags/flag-named.js'
import { MOVER, START, type World, world } from '../runs/world.js'
import { all, instance } from './measuring.js'

function measured(path: Path | null, latencies: readonly number[], more: Partial<Measurement> = {}): Measurement {
  const one = { component: 'projects', path, operation: 'read', ...nothingMeasured(), count: latencies.length, ...more }
  for (const ms of latencies) addValue(one.latencyMs, ms)
  return one
}

async function withTraffic(): Promise<World> {
  const at = world()
  at.clock.time = START + 600_000
  const hundred = Array.from({ length: 100 }, (_, n) => n + 1)
  await at.context.metrics.add(START + 300_000, [
    measured('source', hundred, { errors: 1 }),
    measured(
      'target',
      hundred.map((ms) => ms * 1.5),
      { errors: 3 },
    ),
    measured(null, [], { operation: 'compare', sums: { matched: 9, mismatched: 1 } }),
    measured('target', [5], { operation: 'write' }),
  ])
  await at.context.metrics.add(START + 400_000, [measured('source', [1])])
  return at
}

describe('metrics as they are shown', () => {
  it('have the paths of an operation side by side, and by how much the second is above the first', async () => {
    const at = await withTraffic()
    const shown = await showMetrics(at.context, { component: 'projects', windowMinutes: 5, at: START + 360_000 })
    expect([shown.from, shown.to]).toEqual([START + 60_000, START + 360_000])
    const [projects] = shown.components
    expect(projects?.operations.map(({ operation }) => operation)).toEqual(['compare', 'read', 'write'])
    const [compare, read, write] = projects?.operations ?? []
    expect(compare).toMatchObject({ difference: null, paths: [{ path: null, errorRate: null, sums: { matched: 9 } }] })
    expect(read?.paths).toMatchObject([
      { path: 'source', count: 100, errors: 1, errorRate: 0.01 },
      { path: 'target', count: 100, errors: 3, errorRate: 0.03 },
    ])
    expect(read?.paths[0]?.p50Ms).toBeCloseTo(50, -0.5)
    expect(read?.paths[0]?.p99Ms).toBeCloseTo(99, -0.5)
    const { p50, p95, p99, errorRate, from, to } = read?.difference ?? {}
    expect([from, to]).toEqual(['source', 'target'])
    expect(errorRate).toBeCloseTo(2)
    for (const share of [p50, p95, p99]) expect(Math.abs((share ?? 0) - 0.5)).toBeLessThan(0.04)
    expect(write).toMatchObject({ difference: null, paths: [{ path: 'target', count: 1 }] })
  })

  it('are those of a window, a path, an operation, or all there are', async () => {
    const at = await withTraffic()
    const counts = async (asked: Parameters<typeof showMetrics>[1]) =>
      (await showMetrics(at.context, asked)).components.flatMap(({ operations }) =>
        operations.flatMap(({ operation, paths }) => paths.map(({ path, count }) => `${operation} ${path} ${count}`)),
      )
    expect(await counts({ windowMinutes: 60, operation: 'read' })).toEqual(['read source 101', 'read target 100'])
    expect(await counts({ windowMinutes: 60, path: 'target' })).toEqual(['read target 100', 'write target 1'])
    expect(await counts({ windowMinutes: 4, component: 'projects' })).toEqual(['read source 1'])
    expect(await counts({ windowMinutes: 1 })).toEqual([])
    await expect(showMetrics(at.context, { component: 'nobody', windowMinutes: 1 })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it('over time are at most as many points as asked for, and add up to the whole', async () => {
    const at = await withTraffic()
    for (const points of [1, 3, 60, 500]) {
      const found = await listPoints(at.context, {
        component: 'projects',
        operation: 'read',
        windowMinutes: 10,
        points,
      })
      expect(found.points.length).toBeLessThanOrEqual(points + 1)
      expect(found.stepMs % at.context.metrics.bucketMs).toBe(0)
      const counts = found.points.flatMap(({ series }) => series.map(({ count }) => count))
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(201)
      expect(found.points.map((point) => point.at)).toEqual(
        found.points.map((point) => point.at).toSorted((a, b) => a - b),
      )
    }
  })
})

describe('evidence of traffic', () => {
  it('is only of buckets that begin at a moment or later', async () => {
    const at = await withTraffic()
    const { metrics } = at.context
    const since = (when: number) => trafficSince(metrics, 'projects', when, at.clock.time)
    expect(await since(START)).toEqual({ reads: 201, writes: 1, failed: 4, matched: 9, mismatched: 1, inconclusive: 0 })
    expect(await since(START + 300_001)).toMatchObject({ reads: 1, matched: 0 })
    expect(await since(START + 400_001)).toBeNull()
    expect(await trafficSince(metrics, 'resources', START, at.clock.time)).toBeNull()
  })

  it('says whether any collection is in use', async () => {
    const at = await withTraffic()
    const { metrics } = at.context
    expect(await inUseWithin(metrics, ['projects'], START + 459_000, 60_000)).toBe(true)
    expect(await inUseWithin(metrics, ['projects'], START + 470_000, 60_000)).toBe(false)
    expect(await inUseWithin(metrics, ['resources'], START + 459_000, 60_000)).toBe(false)
  })
})

describe('what is measured elsewhere', () => {
  const report = {
    id: 'r1',
    component: 'checkout',
    measurements: [
      {
        path: 'legacy' as const,
        operation: 'pay',
        count: 10,
        errors: 1,
        latencies: [{ ms: 20, times: 9 }],
        sums: { paid: 9 },
      },
      { path: 'new' as const, operation: 'pay', count: 10, errors: 0, latencies: [{ ms: 10, times: 10 }], sums: {} },
    ],
  }

  async function withCheckout(): Promise<World> {
    const at = world()
    await putNamedFlag(at.context, flagNamed('checkout'), MOVER)
    await declareComponent(at.context, { name: 'checkout', flag: 'checkout', description: '' }, MOVER)
    return at
  }

  it('is added once, however often it is sent, and shown with the paths legacy and new', async () => {
    const at = await withCheckout()
    for (let turn = 0; turn < 3; turn++) expect(await takeIn(at.context, report)).toMatchObject({ kind: 'recorded' })
    await takeIn(at.context, { ...report, id: 'r2' })
    at.clock.time += 10_000
    const { components } = await showMetrics(at.context, { component: 'checkout', windowMinutes: 5 })
    const [pay] = components[0]?.operations ?? []
    expect(pay?.paths).toMatchObject([
      { path: 'legacy', count: 20, errors: 2, sums: { paid: 18 } },
      { path: 'new', count: 20, errors: 0 },
    ])
    expect(pay?.difference).toMatchObject({ from: 'legacy', to: 'new', errorRate: -1 })
    expect(pay?.difference?.p50).toBeCloseTo(-0.5, 1)
  })

  it('is refused for a collection, for another time than the last hour, and where it cannot be', async () => {
    const at = await withCheckout()
    expect(await takeIn(at.context, { ...report, component: 'projects' })).toEqual({
      kind: 'refused',
      reason: 'measured-here',
    })
    const wrong = { code: 'invalid-input' }
    await expect(takeIn(at.context, { ...report, at: START - 3_700_000 })).rejects.toMatchObject(wrong)
    await expect(takeIn(at.context, { ...report, at: START + 100_000 })).rejects.toMatchObject(wrong)
    const [first] = report.measurements
    for (const more of [{ errors: 11 }, { latencies: [{ ms: 1, times: 11 }] }]) {
      const measurements = first === undefined ? [] : [{ ...first, ...more }]
      await expect(takeIn(at.context, { ...report, measurements })).rejects.toMatchObject(wrong)
    }
    await expect(takeIn(at.context, { ...report, component: 'nobody' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('paths of one’s own, in process', () => {
  it('are counted and timed, and their answers and errors handed on', async () => {
    const one = instance()
    const clock = { monotonic: () => one.now() - START }
    const checkout = measurePaths({ metrics: one.recorder, clock }, 'checkout', (error) => error instanceof TypeError)
    expect(await checkout.legacy('pay', () => 7)).toBe(7)
    expect(await checkout.new('pay', async () => 'x')).toBe('x')
    await expect(checkout.new('pay', () => Promise.reject(new TypeError('broken')))).rejects.toThrow('broken')
    await expect(
      checkout.new('pay', () => {
        throw new Error('declined')
      }),
    ).rejects.toThrow('declined')
    await one.recorder.flush()
    const of = (path: Path) => all(one.store, { component: 'checkout', path, operation: 'pay' })
    expect(await of('legacy')).toMatchObject({ count: 1, errors: 0 })
    expect(await of('new')).toMatchObject({ count: 3, errors: 1 })
  })

  it('go their way where nothing is measured', async () => {
    expect(await measurePaths({ clock: { monotonic: () => 0 } }, 'checkout').legacy('pay', () => 7)).toBe(7)
  })
})
