import beta from '@stdlib/stats-base-dists-beta'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addValue, type Sketch } from '../../../lib/core/metrics/sketch.js'
import { meanWithBounds, quantileWithBounds, relative, shareBounds } from '../../../lib/core/monitor/bounds.js'

function sketchOf(values: readonly number[]): Sketch {
  const sketch: Sketch = new Map()
  for (const value of values) addValue(sketch, value)
  return sketch
}

describe('bounds of a share', () => {
  it('are those of Clopper and Pearson, as quantiles of beta distributions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (n, part) => {
        const k = Math.round(part * n)
        const { low, high } = shareBounds(k, n, 0.99)
        expect(low).toBeCloseTo(k === 0 ? 0 : beta.quantile(0.01, k, n - k + 1), 8)
        expect(high).toBeCloseTo(k === n ? 1 : beta.quantile(0.99, k + 1, n - k), 8)
      }),
      { numRuns: 100, seed: 1 },
    )
  })

  it.each([
    [3, 3, 'a few that all failed are far above 1 %', (low: number) => low > 0.2],
    [3, 500, 'three of five hundred are not', (low: number) => low < 0.01],
    [20, 500, 'twenty of five hundred are', (low: number) => low > 0.01],
  ])('%d of %d: %s', (k, n, _words, holds) => {
    expect(holds(shareBounds(k, n, 0.99).low)).toBe(true)
  })

  it('need 459 operations without a failure to show that fewer than 1 % fail (0.99 to the power of 459 is 1 %)', () => {
    expect(shareBounds(0, 458, 0.99).high).toBeGreaterThan(0.01)
    expect(shareBounds(0, 459, 0.99).high).toBeLessThanOrEqual(0.01)
  })

  it('are wrong no more often than they say, whatever the share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 5, max: 60 }), fc.double({ min: 0.01, max: 0.99, noNaN: true }), (n, p) => {
        let [tooHigh, tooLow] = [0, 0]
        let chance = (1 - p) ** n
        for (let k = 0; k <= n; k++) {
          const { low, high } = shareBounds(k, n, 0.95)
          if (low > p) tooHigh += chance
          if (high < p) tooLow += chance
          chance *= ((n - k) / (k + 1)) * (p / (1 - p))
        }
        expect(Math.max(tooHigh, tooLow)).toBeLessThanOrEqual(0.05 + 1e-9)
      }),
      { numRuns: 30, seed: 2 },
    )
  })
})

describe('bounds of a quantile', () => {
  it('hold it as often as they say, however values are distributed', () => {
    let seed = 7
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const truth = -Math.log(0.05) * 100
    let missed = 0
    for (let sample = 0; sample < 400; sample++) {
      const values = Array.from({ length: 150 }, () => -Math.log(random()) * 100)
      const { low, high } = quantileWithBounds(sketchOf(values), 0.95, 0.95)
      if (low > truth || high < truth) missed += 1
    }
    expect(missed / 400).toBeLessThan(0.1)
  })

  it('have no upper end where too few were measured, and a lower one at once where all are slow', () => {
    const { value, low, high } = quantileWithBounds(sketchOf(Array(20).fill(900)), 0.95, 0.99)
    expect(high).toBe(Number.POSITIVE_INFINITY)
    expect(low).toBeGreaterThan(850)
    expect(value).toBeCloseTo(900, -2)
  })
})

describe('bounds of a mean', () => {
  it('narrow with the number of values, and lack an end where there is one value', () => {
    const few = meanWithBounds(sketchOf([100, 200, 300]), 0.95)
    const many = meanWithBounds(sketchOf(Array.from({ length: 300 }, (_, at) => 100 + (at % 3) * 100)), 0.95)
    expect(many.value).toBeCloseTo(few.value, -1)
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 8)
    expect(meanWithBounds(sketchOf([5]), 0.95).high).toBe(Number.POSITIVE_INFINITY)
  })
})

describe('one path beside the other', () => {
  it('takes the worst and the best case of both', () => {
    const ratio = relative({ value: 120, low: 110, high: 130 }, { value: 100, low: 90, high: 105 })
    expect(ratio.value).toBeCloseTo(0.2)
    expect(ratio.low).toBeCloseTo(110 / 105 - 1)
    expect(ratio.high).toBeCloseTo(130 / 90 - 1)
  })

  it('is unbounded where the other may be nothing', () => {
    expect(relative({ value: 1, low: 1, high: 1 }, { value: 1, low: 0, high: 2 }).high).toBe(Number.POSITIVE_INFINITY)
    expect(relative({ value: 1, low: 1, high: 1 }, { value: 1, low: 1, high: Number.POSITIVE_INFINITY }).low).toBe(-1)
  })
})
