import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inBrief } from '../../../lib/core/monitor/brief.js'
import { closenessOf, type Found, unitOf, weighedValue } from '../../../lib/core/monitor/closeness.js'
import { SHIPPED_RULES } from '../../../lib/core/monitor/default-rules.js'
import type { Because } from '../../../lib/core/monitor/judge.js'
import { judge } from '../../../lib/core/monitor/judge.js'
import { isBeyond, isUpperLimit, OPERATORS, type Rule } from '../../../lib/core/monitor/rule.js'
import { MINUTE, NOW, rule, steady, type Traffic } from './values.js'

const of = (value: number, because: Because = 'within-threshold'): Found => ({ because, numbers: { value } })
const relative = (value: number, other: number): Found => ({
  because: 'within-threshold',
  numbers: { value, other, relative: value / other - 1 },
})

const METRICS = ['error-rate', 'success-rate', 'p95-ms', 'throughput', 'mismatch-rate', 'mean:quality'] as const
const limits = fc.record({
  metric: fc.constantFrom(...METRICS),
  operator: fc.constantFrom(...OPERATORS),
  threshold: fc.oneof(fc.constantFrom(0, 1, 0.5), fc.double({ min: -2, max: 1_000, noNaN: true })),
})

describe('how near a value is to its threshold', () => {
  it.each([
    ['error-rate', '>', 0.01, 0, 0],
    ['error-rate', '>', 0.01, 0.004, 0.4],
    ['error-rate', '>', 0.01, 0.03, 3],
    ['p95-ms', '>', 500, 118, 0.236],
    ['success-rate', '<', 0.7, 1, 0],
    ['success-rate', '<', 0.7, 0.85, 0.5],
    ['success-rate', '<', 0.7, 0.4, 2],
    ['throughput', '<', 10, 20, 0],
    ['throughput', '<', 10, 15, 0.5],
    ['throughput', '<', 10, 300, 0],
    ['mean:quality', '<', 4, 3, 1.25],
    ['sum:balance', '>', -10, -20, 0], // below nothing there is a way to go, too
    ['sum:balance', '>', -10, 0, 2],
  ] as const)('%s %s %d: %d is %d', (metric, operator, threshold, value, wanted) => {
    expect(closenessOf(rule({ metric, operator, threshold }), of(value))).toBeCloseTo(wanted, 9)
  })

  it.each([
    ['mismatch-rate', '>', 0, 0, 0],
    ['mismatch-rate', '>', 0, 0.25, 1.25],
    ['sum:lost', '>', 0, 3, 4],
    ['sum:lost', '>=', 0, 0, 1],
    ['success-rate', '<', 1, 1, 0],
    ['success-rate', '<', 1, 0.9, 1.1],
  ] as const)('%s %s %d allows nothing: %d is %d', (metric, operator, threshold, value, wanted) => {
    expect(closenessOf(rule({ metric, operator, threshold }), of(value))).toBeCloseTo(wanted, 9)
  })

  it('is never below 0, and never falls as the value gets worse', () => {
    const value = fc.double({ min: -10, max: 2_000, noNaN: true })
    fc.assert(
      fc.property(limits, value, value, (limit, one, other) => {
        const [good, bad] = isUpperLimit(limit.operator) === one < other ? [one, other] : [other, one]
        const near = closenessOf(rule(limit), of(good)) ?? Number.NaN
        expect(near).toBeGreaterThanOrEqual(0)
        expect(closenessOf(rule(limit), of(bad))).toBeGreaterThanOrEqual(near)
      }),
      { seed: 6, numRuns: 500 },
    )
  })

  it('is 1 at the threshold, and above 1 only beyond it', () => {
    fc.assert(
      fc.property(limits, fc.double({ min: -10, max: 2_000, noNaN: true }), (limit, value) => {
        const { operator, threshold } = limit
        const nothing = closenessOf(rule(limit), of(threshold)) === 0 // a threshold that allows nothing
        if (!nothing) expect(closenessOf(rule(limit), of(threshold))).toBe(1)
        const near = closenessOf(rule(limit), of(value)) ?? Number.NaN
        if (near > 1) expect(isBeyond(value, operator, threshold)).toBe(true)
        if (isBeyond(value, operator, threshold)) expect(near).toBeGreaterThanOrEqual(1)
      }),
      { seed: 6, numRuns: 500 },
    )
  })
})

describe('beside another path', () => {
  const slower = rule({ metric: 'p50-ms', relativeTo: 'source', path: 'target', threshold: 0.2 })

  it('no worse than the other is far, and the share by which it is worse counts', () => {
    expect(closenessOf(slower, relative(80, 100))).toBe(0)
    expect(closenessOf(slower, relative(100, 100))).toBe(0)
    expect(closenessOf(slower, relative(110, 100))).toBeCloseTo(0.5)
    expect(closenessOf(slower, relative(140, 100))).toBeCloseTo(2)
    const worse = rule({ ...slower, metric: 'mean:quality', operator: '<', threshold: -0.2 })
    expect(closenessOf(worse, relative(5, 4))).toBe(0)
    expect(closenessOf(worse, relative(3.6, 4))).toBeCloseTo(0.5)
    expect(closenessOf(worse, relative(2.4, 4))).toBeCloseTo(2)
  })

  it('a least difference that is not reached keeps it from the threshold', () => {
    const least = rule({ ...slower, leastDifference: 50 })
    expect(closenessOf(least, relative(12, 2))).toBeCloseTo(0.2) // five times as slow, by 10 ms of 50
    expect(closenessOf(least, relative(1_100, 1_000))).toBeCloseTo(0.5)
    expect(closenessOf(least, relative(400, 200))).toBeCloseTo(4)
    const fewer = rule({ ...least, operator: '<', threshold: -0.2, leastDifference: 1 })
    expect(closenessOf(fewer, relative(400, 200))).toBe(0)
    expect(closenessOf(fewer, relative(2.5, 4))).toBeCloseTo(1.5)
  })

  it('a share of nothing is not told', () => {
    const found: Found = { because: 'beyond-threshold', numbers: { value: 5, other: 0, relative: null } }
    expect([weighedValue(slower, found.numbers), closenessOf(slower, found)]).toEqual([null, null])
    expect(inBrief(slower, found)).toBe('median 5 ms beside 0 ms on the source')
  })
})

it('without evidence nothing is near, whatever was counted', () => {
  const without = [
    'nothing-measured',
    'nothing-to-compare-with',
    'too-few-samples',
    'too-few-failures',
    'not-at-this-stage',
    'stage-unknown',
  ] as const
  for (const because of without) expect(closenessOf(rule(), of(1, because))).toBeNull()
  const told = ['within-threshold', 'beyond-threshold', 'too-close-to-call', 'not-for-long-enough', 'cleared'] as const
  for (const because of told) expect(closenessOf(rule(), of(0.01, because))).toBe(1)
  expect(closenessOf(rule(), { because: 'within-threshold', numbers: {} })).toBeNull()
})

it('units are those of the threshold', () => {
  expect(SHIPPED_RULES.map((one) => [one.name, unitOf(one)])).toEqual([
    ['error-rate', 'share'],
    ['latency', 'ms'],
    ['memory', 'share'],
    ['dropped-connections', 'share'],
    ['regression', 'ratio'],
    ['regression-of-parts', 'ratio'],
    ['mismatches', 'share'],
    ['work-success', 'share'],
    ['work-duration', 'ms'],
    ['pull-requests', 'ratio'],
    ['builds', 'ratio'],
    ['quality', 'ratio'],
  ])
  expect(unitOf(rule({ metric: 'throughput' }))).toBe('count')
})

describe('in a few words', () => {
  function said(more: Partial<Rule>, ...traffic: Traffic[]): string {
    const asked = rule(more)
    return inBrief(asked, judge(asked, steady(60, 0, ...traffic), { from: NOW - MINUTE, to: NOW }))
  }

  it.each([
    [{ metric: 'p95-ms', threshold: 500 }, [{ count: 100, ms: 118 }], /^p95 11\d ms of 500 ms$/],
    [{ metric: 'error-rate' }, [{ count: 500, errors: 2 }], /^error rate 0.4 % of 1 %$/],
    [{ metric: 'error-rate' }, [{ count: 50 }], /^error rate 0 % of 1 %, but may be 1.52 %$/],
    [{ metric: 'error-rate' }, [{ count: 50, errors: 1 }], /^error rate 2 % of 1 %, but may be 0.\d+ %$/],
    [
      { metric: 'success-rate', operator: '<', threshold: 0.7 },
      [{ count: 10, errors: 2 }],
      /^success rate 80 %, at least 70 % wanted, but may be 6\d.\d %$/,
    ],
    [{ metric: 'error-rate' }, [{ count: 1 }], /^not enough evidence: 6 of 20 operations$/],
    [{ metric: 'p95-ms', threshold: 500 }, [{ count: 4 }], /^not enough evidence: 24 operations do not bound it$/],
    [
      { metric: 'success-rate', operator: '<', threshold: 0.7 },
      [{ count: 100, errors: 5 }],
      /^success rate 95 %, at least 70 % wanted$/,
    ],
    [{ metric: 'memory-share', threshold: 0.9 }, [], /^nothing measured$/],
    [
      { metric: 'mismatch-rate', threshold: 0.001 },
      [{ path: null, operation: 'compare', sums: { matched: 2 } }],
      /^not enough evidence: 12 of 20 comparisons$/,
    ],
    [
      { metric: 'p50-ms', relativeTo: 'source', path: 'target', threshold: 0.2, leastDifference: 50 },
      [
        { count: 50, ms: 12 },
        { path: 'source', count: 50, ms: 10 },
      ],
      /^median 1[12].?\d* ms beside \d.* ms on the source: \+\S+ % of \+20 % and 50 ms$/,
    ],
    [
      { metric: 'p50-ms', relativeTo: 'source', path: 'target', threshold: 0.2 },
      [{ count: 50 }],
      /^nothing measured on the source$/,
    ],
  ] as const)('%j', (more, traffic, wanted) => {
    expect(said(more, ...traffic)).toMatch(wanted)
  })

  it('what lies on both sides of a relative limit says how far', () => {
    const asked = rule({ metric: 'p50-ms', relativeTo: 'source', threshold: 0.2 })
    const numbers = { value: 11, other: 10, relative: 0.1, relativeLow: -0.1, relativeHigh: 0.3 }
    const found: Found = { because: 'too-close-to-call', numbers }
    expect(inBrief(asked, found)).toBe('median 11 ms beside 10 ms on the source: +10 % of +20 %, but may be +30 %')
    const open = { ...found, numbers: { ...numbers, relativeHigh: null } }
    expect(inBrief(asked, open)).toMatch(/\+20 %, too close to call$/)
  })

  it('one failure of few is an accident', () => {
    const asked = rule({ minimumSample: 1 })
    const found: Found = { because: 'too-few-failures', numbers: { value: 1, counted: 1, sample: 1 } }
    expect(inBrief(asked, found)).toBe('not enough evidence: 1 of 3 failures')
    const good = rule({ metric: 'success-rate', operator: '<', minimumSample: 1 })
    expect(inBrief(good, { ...found, numbers: { value: 0, counted: 0, sample: 2 } })).toContain('2 of 3 failures')
  })

  it('what is not weighed says so', () => {
    expect(inBrief(rule({ armed: false }), of(1))).toBe('not armed')
    expect(inBrief(rule(), null)).toBe('never weighed')
    expect(inBrief(rule(), of(0, 'not-at-this-stage'))).toBe('not weighed at this stage')
  })
})
