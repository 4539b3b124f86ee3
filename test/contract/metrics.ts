import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  addMeasured,
  type Measurement,
  nothingMeasured,
  OVERFLOW,
  type Series,
} from '../../lib/core/metrics/measurement.js'
import { addValue, COARSE, quantile, sizeOf } from '../../lib/core/metrics/sketch.js'
import { type MetricsBucket, type MetricsStore, SERIES_MAX } from '../../lib/ports/metrics.js'

export interface MetricsUnderTest {
  metrics: MetricsStore
  /** A second handle on the same store, as another process would have. */
  another?: () => MetricsStore
  outage?: (on: boolean) => void
  /** Makes the next addition take effect and its answer get lost. */
  loseNextAnswer?: () => void
  leftovers?: () => Promise<string[]>
  close?: () => void
}

/** A multiple of every width used here. */
export const MIDNIGHT = 1_750_032_000_000
const READS: Series = { component: 'projects', path: 'source', operation: 'read' }

export function measurement(series: Partial<Series> = {}, more: Partial<Measurement> = {}): Measurement {
  return { ...READS, ...series, ...nothingMeasured(), ...more }
}

/** The promises of `lib/ports/metrics.ts`, clause by clause, for any driver whose clock stands an hour after midnight. */
export function describeMetrics(name: string, make: () => Promise<MetricsUnderTest>): void {
  describe(`${name} keeps the promises of a metrics store`, () => {
    let under: MetricsUnderTest
    let metrics: MetricsStore
    beforeEach(async () => {
      under = await make()
      metrics = under.metrics
    })
    afterEach(() => under.close?.())

    adding(() => under)
    once(() => under)
    windows(() => metrics)
    limits(() => metrics)
    ending(() => under)
  })
}

async function all(metrics: MetricsStore): Promise<MetricsBucket[]> {
  return metrics.read({ from: MIDNIGHT, to: MIDNIGHT + 3_600_000 })
}

/** Measurements with no regard to how bins and names are ordered. */
function plain(buckets: readonly MetricsBucket[]): unknown {
  return buckets.map(({ at, widthMs, measurements }) => ({
    at,
    widthMs,
    measurements: measurements
      .map((one) => ({ ...one, latencyMs: [...one.latencyMs].sort(([a], [b]) => a - b) }))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  }))
}

const arbitrary = fc
  .record({
    operation: fc.constantFrom('read', 'write', 'list'),
    path: fc.constantFrom('source' as const, 'target' as const, null),
    bucket: fc.integer({ min: 0, max: 3 }),
    errors: fc.integer({ min: 0, max: 5 }),
    latencies: fc.array(fc.double({ min: 0.0001, max: 1e6, noNaN: true }), { maxLength: 12 }),
    sums: fc.dictionary(fc.constantFrom('matched', 'dropped'), fc.integer({ min: -1000, max: 2 ** 40 })),
    peaks: fc.dictionary(
      fc.constantFrom('memoryShare', 'x'),
      fc.double({ min: -5, max: 5, noNaN: true }).map((value) => value + 0),
    ),
  })
  .map(({ operation, path, bucket, errors, latencies, sums, peaks }) => {
    const one = measurement({ operation, path }, { errors, sums: { ...sums }, peaks: { ...peaks } })
    for (const latency of latencies) addValue(one.latencyMs, latency)
    return { bucket, one: { ...one, count: latencies.length + errors } }
  })

function adding(under: () => MetricsUnderTest): void {
  it('adds exactly, from any number of instances, at once and in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(arbitrary, { maxLength: 10 }), async (additions) => {
        const { metrics, another } = under()
        await metrics.destroy()
        const other = another?.() ?? metrics
        await Promise.all(
          additions.map(({ bucket, one }, at) =>
            (at % 2 === 0 ? metrics : other).add(MIDNIGHT + bucket * metrics.bucketMs + at, [one]),
          ),
        )
        const wanted = new Map<number, Map<string, Measurement>>()
        for (const { bucket, one } of additions) {
          const at = MIDNIGHT + bucket * metrics.bucketMs
          const held = wanted.get(at) ?? new Map<string, Measurement>()
          wanted.set(at, held)
          const key = JSON.stringify([one.component, one.path, one.operation])
          const { component, path, operation } = one
          const sum = held.get(key) ?? measurement({ component, path, operation })
          addMeasured(sum, one)
          held.set(key, sum)
        }
        const expected = [...wanted]
          .sort(([a], [b]) => a - b)
          .map(([at, held]) => ({ at, widthMs: metrics.bucketMs, measurements: [...held.values()] }))
        expect(plain(await all(metrics))).toEqual(plain(expected))
      }),
      { numRuns: 15, seed: 7 },
    )
  }, 30_000)

  it('tells quantiles as if one had measured everything', async () => {
    const { metrics } = under()
    for (let at = 1; at <= 100; at++) {
      const one = measurement({}, { count: 1 })
      addValue(one.latencyMs, at)
      await metrics.add(MIDNIGHT + at, [one])
    }
    const [bucket] = await all(metrics)
    const sketch = bucket?.measurements[0]?.latencyMs ?? new Map()
    expect(sizeOf(sketch)).toBe(100)
    expect(Math.abs((quantile(sketch, 0.5) ?? 0) - 50)).toBeLessThanOrEqual(0.5)
    expect(Math.abs((quantile(sketch, 0.99) ?? 0) - 99)).toBeLessThanOrEqual(1)
  })

  it('keeps counts beyond what a laptop can count to, and sums that are no integers', async () => {
    const { metrics } = under()
    const big = 2 ** 52 - 7
    for (let turn = 0; turn < 2; turn++) {
      await metrics.add(MIDNIGHT, [
        measurement({}, { count: big, errors: 123_456_789_012_345, sums: { x: 0.1, y: big } }),
      ])
    }
    const [one] = (await all(metrics))[0]?.measurements ?? []
    expect(one).toMatchObject({ count: 2 * big, errors: 246_913_578_024_690, sums: { x: 0.2, y: 2 * big } })
  })

  it('has totals of everything, with latencies in wide bins', async () => {
    const { metrics } = under()
    expect(await metrics.totals()).toEqual({ since: null, measurements: [] })
    for (const at of [0, 1, 5]) {
      const one = measurement({}, { count: 2, errors: 1, sums: { matched: 3 }, peaks: { memoryShare: at / 10 } })
      addValue(one.latencyMs, 10)
      addValue(one.latencyMs, 10.4)
      await metrics.add(MIDNIGHT + at * metrics.bucketMs, [one])
    }
    const { since, measurements } = await metrics.totals()
    expect(since).toBe(MIDNIGHT)
    expect(measurements).toHaveLength(1)
    const [total] = measurements
    expect(total).toMatchObject({ ...READS, count: 6, errors: 3, sums: { matched: 9 }, peaks: { memoryShare: 0.5 } })
    expect(Math.abs((total?.sums.latencyMs ?? 0) - 61.2)).toBeLessThan(0.62)
    expect([...(total?.latencyMs ?? [])].map(([bin, times]) => [Math.abs(bin % COARSE), times])).toEqual([[0, 6]])
  })
}

function once(under: () => MetricsUnderTest): void {
  it('adds what is sent again under a number only once, and each writer for itself', async () => {
    const { metrics } = under()
    const one = measurement({}, { count: 1 })
    for (const number of [1, 1, 2, 1, 2]) await metrics.add(MIDNIGHT, [one], { by: 'a', number })
    await metrics.add(MIDNIGHT, [one], { by: 'b', number: 1 })
    await metrics.add(MIDNIGHT, [one])
    expect((await all(metrics))[0]?.measurements[0]?.count).toBe(4)
  })

  it('an answer that was lost: sent again, it is counted once', async () => {
    const { metrics, loseNextAnswer } = under()
    if (loseNextAnswer === undefined) return
    const one = measurement({}, { count: 5 })
    await metrics.add(MIDNIGHT, [one], { by: 'a', number: 1 })
    loseNextAnswer()
    await expect(metrics.add(MIDNIGHT, [one], { by: 'a', number: 2 })).rejects.toMatchObject({ code: 'unavailable' })
    await metrics.add(MIDNIGHT, [one], { by: 'a', number: 2 })
    expect((await all(metrics))[0]?.measurements[0]?.count).toBe(10)
  })

  it('a store that is away throws, and guesses nothing', async () => {
    const { metrics, outage } = under()
    if (outage === undefined) return
    outage(true)
    const unavailable = { code: 'unavailable' }
    await expect(metrics.add(MIDNIGHT, [measurement({}, { count: 1 })])).rejects.toMatchObject(unavailable)
    await expect(all(metrics)).rejects.toMatchObject(unavailable)
    await expect(metrics.totals()).rejects.toMatchObject(unavailable)
    outage(false)
    expect(await all(metrics)).toEqual([])
  })
}

function windows(metrics: () => MetricsStore): void {
  it('answers buckets that begin within the window, in order', async () => {
    const { bucketMs } = metrics()
    for (const at of [3, 0, 2, 1])
      await metrics().add(MIDNIGHT + at * bucketMs + 1, [measurement({}, { count: 1 + at })])
    const times = async (from: number, to: number) =>
      (await metrics().read({ from: MIDNIGHT + from, to: MIDNIGHT + to })).map(({ at }) => (at - MIDNIGHT) / bucketMs)
    expect(await times(0, 10 * bucketMs)).toEqual([0, 1, 2, 3])
    expect(await times(1, 10 * bucketMs)).toEqual([1, 2, 3])
    expect(await times(bucketMs, 3 * bucketMs)).toEqual([1, 2])
    expect(await times(bucketMs, 3 * bucketMs + 1)).toEqual([1, 2, 3])
    expect(await times(bucketMs + 1, 2 * bucketMs)).toEqual([])
    expect(await times(5 * bucketMs, 2 * bucketMs)).toEqual([])
  })

  it('answers only the series asked for', async () => {
    const series: Partial<Series>[] = [
      {},
      { path: 'target' },
      { operation: 'write' },
      { component: 'projects2' },
      { path: null, operation: 'runtime' },
    ]
    await metrics().add(
      MIDNIGHT,
      series.map((one) => measurement(one, { count: 1 })),
    )
    const count = async (of: Partial<Series>) => {
      const [bucket] = await metrics().read({ from: MIDNIGHT, to: MIDNIGHT + 1, of })
      return bucket?.measurements.length ?? 0
    }
    expect(await count({})).toBe(5)
    expect(await count({ component: 'projects' })).toBe(4)
    expect(await count({ component: 'project' })).toBe(0)
    expect(await count({ path: null })).toBe(1)
    expect(await count({ component: 'projects', operation: 'read' })).toBe(2)
    expect(await count({ component: 'projects', path: 'source', operation: 'read' })).toBe(1)
    expect(await count({ component: 'projects', path: null, operation: 'read' })).toBe(0)
  })

  it('hands out copies', async () => {
    await metrics().add(MIDNIGHT, [measurement({}, { count: 1 })])
    for (const [bucket] of [await all(metrics()), await all(metrics())]) {
      const [one] = bucket?.measurements ?? []
      expect(one?.count).toBe(1)
      if (one !== undefined) addMeasured(one, { ...nothingMeasured(), count: 7 })
    }
  })
}

function limits(metrics: () => MetricsStore): void {
  it('adds what comes under one series too many to the overflow', async () => {
    const series = (n: number) => measurement({ operation: `o${n}` }, { count: 1 })
    const many = Array.from({ length: SERIES_MAX - 1 }, (_, n) => series(n))
    await metrics().add(MIDNIGHT, many)
    await metrics().add(MIDNIGHT + 1, [series(0), series(1_000), series(1_001), series(1_002)])
    const [bucket] = await all(metrics())
    const counts = new Map(bucket?.measurements.map(({ operation, count }) => [operation, count]))
    expect([counts.get('o0'), counts.get('o1000'), counts.get('o1001')]).toEqual([2, 1, undefined])
    expect(bucket?.measurements.find(({ component }) => component === OVERFLOW.component)).toMatchObject({
      ...OVERFLOW,
      count: 2,
    })
  })

  it.each<[string, Partial<Measurement>]>([
    ['a component with a line break', { component: 'a\nb' }],
    ['no component', { component: '' }],
    ['an operation that is too long', { operation: 'o'.repeat(129) }],
    ['half a count', { count: 0.5 }],
    ['errors below none', { errors: -1 }],
    ['a sum that is no number', { sums: { x: Number.NaN } }],
    ['a peak without end', { peaks: { x: Number.POSITIVE_INFINITY } }],
    ['a sum of an odd name', { sums: { 'a=b': 1 } }],
    ['a bin that there is not', { latencyMs: new Map([[9_999, 1]]) }],
    ['half a latency', { latencyMs: new Map([[1, 0.5]]) }],
  ])('refuses %s, and adds nothing', async (_what, wrong) => {
    const refused = metrics().add(MIDNIGHT, [measurement({}, { count: 1 }), measurement({}, wrong)])
    await expect(refused).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await all(metrics())).toEqual([])
  })

  it('refuses a writer without a name or a number, a time that is none, and too much at once', async () => {
    const one = measurement({}, { count: 1 })
    const refused = { code: 'invalid-input' }
    await expect(metrics().add(MIDNIGHT, [one], { by: '', number: 1 })).rejects.toMatchObject(refused)
    await expect(metrics().add(MIDNIGHT, [one], { by: 'a', number: 0 })).rejects.toMatchObject(refused)
    await expect(metrics().add(Number.NaN, [one])).rejects.toMatchObject(refused)
    const many = Array.from({ length: SERIES_MAX + 1 }, () => one)
    await expect(metrics().add(MIDNIGHT, many)).rejects.toMatchObject({ code: 'too-large' })
  })
}

function ending(under: () => MetricsUnderTest): void {
  it('destroyed, it holds nothing any more', async () => {
    const { metrics, leftovers } = under()
    await metrics.add(MIDNIGHT, [measurement({}, { count: 1 })], { by: 'a', number: 1 })
    await metrics.destroy()
    expect(await all(metrics)).toEqual([])
    expect(await metrics.totals()).toEqual({ since: null, measurements: [] })
    expect((await leftovers?.()) ?? []).toEqual([])
  })
}
