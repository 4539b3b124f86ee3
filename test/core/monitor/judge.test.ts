import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judge } from '../../../lib/core/monitor/judge.js'
import type { Rule } from '../../../lib/core/monitor/rule.js'
import { bucket, MINUTE, NOW, rule, steady, type Traffic } from './values.js'

const WINDOW = { from: NOW - MINUTE, to: NOW }

function judged(of: Rule, ...traffic: Traffic[]): [string, string] {
  const { outcome, because } = judge(of, [bucket(30, ...traffic)], WINDOW)
  return [outcome, because]
}

describe('an error rate', () => {
  it.each([
    [{ count: 1000, errors: 0 }, 'pass', 'within-threshold'],
    [{ count: 1000, errors: 40 }, 'breach', 'beyond-threshold'],
    [{ count: 5, errors: 5 }, 'breach', 'beyond-threshold'],
    [{ count: 2, errors: 2 }, 'not-enough-evidence', 'too-few-failures'],
    [{ count: 5, errors: 0 }, 'not-enough-evidence', 'too-few-samples'],
    [{ count: 200, errors: 0 }, 'not-enough-evidence', 'too-close-to-call'],
    [{ count: 1000, errors: 11 }, 'not-enough-evidence', 'too-close-to-call'],
    [{ count: 10, errors: 11 }, 'not-enough-evidence', 'nothing-measured'],
    [{ count: 0 }, 'not-enough-evidence', 'nothing-measured'],
  ])('of %j: %s, for %s', (traffic, ...expected) => {
    expect(judged(rule(), traffic)).toEqual(expected)
  })

  it('counts the path and the operation it is about, and never the comparisons', () => {
    const bad = { count: 100, errors: 100 }
    const good = { count: 1000 }
    const elsewhere: Traffic[] = [
      { path: 'source', ...bad },
      { operation: 'write', ...bad },
      { operation: 'compare', ...bad },
      { path: null, operation: 'runtime', ...bad },
    ]
    const of = rule({ path: 'target', operation: 'read' })
    expect(judged(of, good, ...elsewhere)[0]).toBe('pass')
    expect(judged(rule({ path: 'target' }), good, ...elsewhere)[0]).toBe('breach')
    expect(judged(rule({ path: 'source' }), { path: 'source', ...good }, { ...bad })[0]).toBe('pass')
  })
})

describe('no data', () => {
  it('passes nothing and breaches nothing, whatever is asked', () => {
    const metrics = ['error-rate', 'success-rate', 'p95-ms', 'mean-ms', 'throughput', 'memory-share']
    const recorded = ['sum:x', 'mean:x', 'share:x', 'peak:x', 'ratio:x/y', 'mismatch-rate', 'dropped-connection-rate']
    fc.assert(
      fc.property(
        fc.constantFrom(...metrics, ...recorded),
        fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const),
        fc.double({ min: -10, max: 1e6, noNaN: true }),
        fc.constantFrom(null, 'source' as const),
        (metric, operator, threshold, relativeTo) => {
          const of = rule({ metric, operator, threshold, relativeTo, path: relativeTo === null ? null : 'target' })
          for (const buckets of [[], [bucket(30)], [bucket(300, { count: 500, errors: 500, sums: { x: 1, y: 1 } })]])
            expect(judge(of, buckets, WINDOW)).toMatchObject({
              outcome: 'not-enough-evidence',
              because: 'nothing-measured',
            })
        },
      ),
    )
  })
})

describe('latency', () => {
  const slow = rule({ metric: 'p95-ms', threshold: 500 })
  it.each([
    [{ count: 100, ms: 900 }, 'breach', 'beyond-threshold'],
    [{ count: 19, ms: 900 }, 'not-enough-evidence', 'too-few-samples'],
    [{ count: 200, ms: 100 }, 'pass', 'within-threshold'],
    [{ count: 40, ms: 100 }, 'not-enough-evidence', 'too-few-samples'],
  ])('of %j: %s, for %s', (traffic, ...expected) => {
    expect(judged(slow, traffic)).toEqual(expected)
  })

  it('is too close to call where as many are slow as may be', () => {
    expect(judged(slow, { count: 285, ms: 100 }, { count: 15, ms: 900 })[1]).toBe('too-close-to-call')
  })
})

describe('what is read off rather than sampled', () => {
  it.each([
    ['memory-share', '>', 0.9, { path: null, operation: 'runtime', peaks: { memoryShare: 0.95 } }, 'breach'],
    ['memory-share', '>', 0.9, { path: null, operation: 'runtime', peaks: { memoryShare: 0.5 } }, 'pass'],
    ['throughput', '<', 5, { count: 60 }, 'breach'],
    ['throughput', '<', 5, { count: 600 }, 'pass'],
    ['sum:orders', '<', 10, { count: 1, sums: { orders: 4 } }, 'breach'],
    ['mean:score', '<', 3, { count: 50, sums: { score: 100 } }, 'breach'],
    ['peak:depth', '>', 7, { peaks: { depth: 9 } }, 'breach'],
  ] as const)('%s %s %d of %j: %s', (metric, operator, threshold, traffic, outcome) => {
    expect(judged(rule({ metric, operator, threshold }), traffic)[0]).toBe(outcome)
  })
})

describe('shares of what was recorded', () => {
  it.each([
    ['mismatch-rate', 0.001, { path: null, operation: 'compare', sums: { matched: 20, mismatched: 10 } }, 'breach'],
    [
      'dropped-connection-rate',
      0.01,
      { path: null, operation: 'runtime', sums: { connections: 50, dropped: 9 } },
      'breach',
    ],
    ['dropped-connection-rate', 0.01, { path: null, operation: 'runtime', sums: { connections: 900 } }, 'pass'],
    ['ratio:bad/all', 0.1, { sums: { bad: 30, all: 40 } }, 'breach'],
    ['share:bad', 0.1, { count: 40, sums: { bad: 30 } }, 'breach'],
    ['share:bad', 0.1, { count: 40, sums: { bad: 2.5 } }, 'not-enough-evidence'],
  ] as const)('%s > %d of %j: %s', (metric, threshold, traffic, outcome) => {
    expect(judged(rule({ metric, threshold }), traffic)[0]).toBe(outcome)
  })

  it('below a limit, what counts is what is missing', () => {
    const below = rule({ metric: 'success-rate', operator: '<', threshold: 0.7 })
    expect(judged(below, { count: 100, errors: 50 })[0]).toBe('breach')
    expect(judged({ ...below, threshold: 0.95 }, { count: 2, errors: 2 })).toEqual([
      'not-enough-evidence',
      'too-few-failures',
    ])
    expect(judged(below, { count: 100, errors: 5 })[0]).toBe('pass')
  })
})

describe('one path beside the other', () => {
  const worse = rule({ metric: 'p95-ms', threshold: 0.2, path: 'target', relativeTo: 'source', operation: 'read' })
  const side = (target: number, source: number, count = 200, operation = 'read'): Traffic[] => [
    { operation, count, ms: target },
    { operation, path: 'source', count, ms: source },
  ]

  it.each([
    [130, 100, 'breach'],
    [105, 100, 'pass'],
    [50, 100, 'pass'],
    [120, 100, 'not-enough-evidence'],
  ])('%d ms beside %d ms: %s', (target, source, outcome) => {
    expect(judged(worse, ...side(target, source))[0]).toBe(outcome)
  })

  it('is told by the requests that met both, where there are enough, and says which', () => {
    const measured = (...traffic: Traffic[]) => judge(worse, [bucket(30, ...traffic)], WINDOW)
    const paired = measured(...side(100, 100), ...side(200, 100, 150, 'compare'))
    expect(paired).toMatchObject({ outcome: 'breach', numbers: { measured: 'on the same requests', sample: 150 } })
    const few = measured(...side(100, 100), ...side(200, 100, 90, 'compare'))
    expect(few).toMatchObject({ outcome: 'pass', numbers: { measured: 'on the same time', sample: 200 } })
  })

  it('has nothing to say where the other path was not measured', () => {
    expect(judged(worse, { count: 500, ms: 900 })).toEqual(['not-enough-evidence', 'nothing-to-compare-with'])
  })

  it('passes over a difference that nobody notices, however many times it is', () => {
    const felt = { ...worse, leastDifference: 25 }
    expect(judged(felt, ...side(9, 1))[0]).toBe('pass')
    expect(judged(felt, ...side(60, 10))[0]).toBe('breach')
  })

  it('works downwards too', () => {
    const fewer = rule({ metric: 'mean:score', operator: '<', threshold: -0.2, path: 'target', relativeTo: 'source' })
    const scored = (target: number, source: number): Traffic[] => [
      { count: 100, sums: { score: target * 100 } },
      { path: 'source', count: 100, sums: { score: source * 100 } },
    ]
    expect(judged(fewer, ...scored(3, 5))[0]).toBe('breach')
    expect(judged(fewer, ...scored(4.5, 5))[0]).toBe('pass')
  })
})

it('only buckets that begin within the window count', () => {
  const before = steady(600, 60, { count: 100, errors: 100 })
  const within = steady(60, 0, { count: 100 })
  expect(judge(rule(), [...before, ...within], WINDOW).outcome).toBe('pass')
})
