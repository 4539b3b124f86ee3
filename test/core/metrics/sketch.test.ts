import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ACCURACY,
  addSketch,
  addValue,
  BIN_HIGHEST,
  BIN_LOWEST,
  binOf,
  boundOfBin,
  COARSE,
  coarsen,
  quantile,
  type Sketch,
  sizeOf,
  valueOfBin,
} from '../../../lib/core/metrics/sketch.js'

/** Beyond what the arithmetic of doubles may add to the bound. */
const ROUNDING = 1e-9
const value = fc.oneof(
  fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
  fc.double({ min: 0.01, max: 5_000, noNaN: true }),
  fc.integer({ min: 1, max: 1_000 }),
)
const values = fc.array(value, { minLength: 1, maxLength: 300 })

function sketchOf(all: readonly number[]): Sketch {
  const sketch: Sketch = new Map()
  for (const one of all) addValue(sketch, one)
  return sketch
}

describe('a sketch of latencies', () => {
  it('tells every value to within 1 % of itself', () => {
    fc.assert(
      fc.property(value, (one) => {
        const off = Math.abs(valueOfBin(binOf(one)) - one)
        expect(off).toBeLessThanOrEqual(one * (ACCURACY + ROUNDING))
      }),
      { numRuns: 5_000, seed: 1 },
    )
  })

  it('tells every quantile to within 1 % of the value that has its rank', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, q) => {
        const sorted = all.toSorted((a, b) => a - b)
        const exact = sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN
        const told = quantile(sketchOf(all), q) ?? Number.NaN
        expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * (ACCURACY + ROUNDING))
      }),
      { numRuns: 1_000, seed: 2 },
    )
  })

  it('of parts, added in any order and grouping, is the sketch of the whole', () => {
    fc.assert(
      fc.property(fc.array(values, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 8 }), (parts, order) => {
        const whole = sketchOf(parts.flat())
        const shuffled = parts
          .map((part, at) => ({ part, key: order[at] ?? at }))
          .sort((a, b) => a.key - b.key)
          .map(({ part }) => sketchOf(part))
        const left: Sketch = new Map()
        for (const part of shuffled) addSketch(left, part)
        const right: Sketch = new Map()
        for (const part of shuffled.toReversed()) {
          const sum = new Map(part)
          addSketch(sum, right)
          right.clear()
          addSketch(right, sum)
        }
        const bins = (sketch: Sketch) => [...sketch].sort(([a], [b]) => a - b)
        expect(bins(left)).toEqual(bins(whole))
        expect(bins(right)).toEqual(bins(whole))
      }),
      { numRuns: 300, seed: 3 },
    )
  })

  it('takes what is beyond its bounds for the bound, and has no more bins than it says', () => {
    for (const odd of [0, -1, Number.NaN, Number.NEGATIVE_INFINITY, 1e-9]) expect(binOf(odd)).toBe(BIN_LOWEST)
    for (const odd of [1e9, 1e12, Number.POSITIVE_INFINITY]) expect(binOf(odd)).toBe(BIN_HIGHEST)
    expect(BIN_HIGHEST - BIN_LOWEST + 1).toBe(1_383)
  })

  it('has a value at or below the bound of its bin, and above that of the one below', () => {
    fc.assert(
      fc.property(value, (one) => {
        const bin = binOf(one)
        expect(one).toBeLessThanOrEqual(boundOfBin(bin) * (1 + ROUNDING))
        if (bin > BIN_LOWEST) expect(one).toBeGreaterThan(boundOfBin(bin - 1) * (1 - ROUNDING))
      }),
      { numRuns: 2_000, seed: 4 },
    )
  })

  it('with its bins joined counts the same below every bound that is left', () => {
    fc.assert(
      fc.property(values, (all) => {
        const [fine, wide] = [sketchOf(all), coarsen(sketchOf(all))]
        expect(sizeOf(wide)).toBe(sizeOf(fine))
        for (const bin of wide.keys()) {
          expect(bin % COARSE === 0).toBe(true)
          const upTo = (sketch: Sketch) => [...sketch].reduce((sum, [at, times]) => (at <= bin ? sum + times : sum), 0)
          expect(upTo(wide)).toBe(upTo(fine))
        }
        expect(coarsen(wide)).toEqual(wide)
      }),
      { numRuns: 300, seed: 5 },
    )
  })

  it('that is empty has no quantile', () => {
    expect(quantile(new Map(), 0.5)).toBeNull()
  })
})
