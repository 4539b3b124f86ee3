import binomial from '@stdlib/stats-base-dists-binomial'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { binomialAtMost, quantileBounds, ratioBounds } from '../../../lib/core/checkpoint/order-statistics.js'
import { addValue, type Sketch } from '../../../lib/core/metrics/sketch.js'

/** Seeded chance: the same in every run. */
function dice(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

function lognormal(random: () => number, count: number, { median = 10, sigma = 0.6 } = {}): Sketch {
  const sketch: Sketch = new Map()
  for (let at = 0; at < count; at++) {
    const z = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random())
    addValue(sketch, median * Math.exp(sigma * z))
  }
  return sketch
}

describe('binomial probabilities', () => {
  it('are those of @stdlib', () => {
    const chances = fc.constantFrom(0.5, 0.9, 0.95, 0.99)
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        chances,
        fc.double({ min: 0.8, max: 1.05, noNaN: true }),
        (n, p, share) => {
          const k = Math.min(n, Math.floor(n * p * share))
          expect(binomialAtMost(k, n, p)).toBeCloseTo(binomial.cdf(k, n, p), 9)
        },
      ),
      { numRuns: 500 },
    )
  })
})

describe('bounds of a quantile', () => {
  it.each([
    [0.5, 10],
    [0.95, 10 * Math.exp(0.6 * 1.644_853_627)],
  ])('of %f hold the truth as often as they say', (q, truth) => {
    const random = dice(7)
    const missed = { low: 0, high: 0 }
    const trials = 600
    for (let trial = 0; trial < trials; trial++) {
      const { lower, upper } = quantileBounds(lognormal(random, 200), q, 0.05)
      if (lower > truth) missed.low++
      if (upper !== null && upper < truth) missed.high++
    }
    // 5 % of 600 are 30; three standard deviations are 16.
    expect(missed.low).toBeLessThan(46)
    expect(missed.high).toBeLessThan(46)
  })

  it('is not told from above while too few were measured', () => {
    const random = dice(3)
    expect(quantileBounds(lognormal(random, 58), 0.95, 0.05).upper).toBeNull()
    expect(quantileBounds(lognormal(random, 59), 0.95, 0.05).upper).not.toBeNull()
    expect(quantileBounds(new Map(), 0.95, 0.05)).toEqual({ lower: 0, upper: null })
  })
})

describe('bounds of a ratio', () => {
  it('find a path that is half as fast, and do not call equal ones worse', () => {
    const random = dice(11)
    let accused = 0
    for (let trial = 0; trial < 200; trial++) {
      const equal = ratioBounds(lognormal(random, 300), lognormal(random, 300), 0.95, 0.05)
      if (equal.lower > 1) accused++
      const slow = ratioBounds(lognormal(random, 1_000, { median: 20 }), lognormal(random, 1_000), 0.95, 0.05)
      expect(slow.lower).toBeGreaterThan(1.2)
    }
    expect(accused).toBeLessThanOrEqual(10)
  })
})
