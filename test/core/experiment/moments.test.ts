import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asNumber, dividedBy, exactly, minus, plus, square } from '../../../lib/core/experiment/statistics/exact-sum.js'
import { addSums, momentsOf, NO_SUMS, withValue } from '../../../lib/core/experiment/statistics/moments.js'
import { momentsOfValues } from './values.js'

describe('sums that cancel nothing', () => {
  it('give the variance of values that are far from 0, where plain sums give nothing', () => {
    const values = [1e9 + 1, 1e9 + 2, 1e9 + 3, 1e9 + 4]
    expect(momentsOfValues(values)).toEqual({ n: 4, mean: 1e9 + 2.5, variance: expect.closeTo(5 / 3, 9) })
    const plain = values.reduce((sum, value) => sum + value * value, 0) - values.reduce((a, b) => a + b) ** 2 / 4
    expect(Math.abs(plain / 3 - 5 / 3)).toBeGreaterThan(1)
  })

  it('forget a value that was taken out, however large it was', () => {
    let sums = withValue(withValue(NO_SUMS, 3), 1e12)
    sums = withValue(sums, 5, 1e12)
    expect(momentsOf(sums)).toEqual({ n: 2, mean: 4, variance: 2 })
  })

  it('are the same in whatever order and parts they are added', () => {
    const values = fc.array(fc.double({ min: -1e9, max: 1e9, noNaN: true }), { minLength: 2, maxLength: 30 })
    fc.assert(
      fc.property(values, fc.nat(30), (all, cut) => {
        const part = (some: number[]) => some.reduce((sums, value) => withValue(sums, value), NO_SUMS)
        const merged = momentsOf(addSums(part(all.slice(cut).reverse()), part(all.slice(0, cut))))
        const whole = momentsOfValues(all)
        expect(merged.n).toBe(whole.n)
        expect(merged.mean).toBeCloseTo(whole.mean, 6)
        expect(Math.abs(merged.variance - whole.variance)).toBeLessThanOrEqual(1e-9 * (1 + whole.variance))
      }),
      { seed: 1, numRuns: 100 },
    )
  })

  it('are those of exact fractions', () => {
    const values = fc.array(fc.integer({ min: -1_000_000, max: 1_000_000 }), { minLength: 2, maxLength: 40 })
    fc.assert(
      fc.property(values, (all) => {
        const n = BigInt(all.length)
        const sum = all.reduce((total, value) => total + BigInt(value), 0n)
        const squares = all.reduce((total, value) => total + BigInt(value) ** 2n, 0n)
        const wanted = Number(n * squares - sum * sum) / (all.length * (all.length - 1))
        const { mean, variance } = momentsOfValues(all)
        expect(mean).toBeCloseTo(Number(sum) / all.length, 9)
        expect(Math.abs(variance - wanted)).toBeLessThanOrEqual(1e-12 * wanted)
      }),
      { seed: 2, numRuns: 100 },
    )
  })

  it('have no variance of one, and no mean of none', () => {
    expect(momentsOf(NO_SUMS)).toEqual({ n: 0, mean: 0, variance: 0 })
    expect(momentsOf(withValue(NO_SUMS, 7))).toEqual({ n: 1, mean: 7, variance: 0 })
    expect(momentsOf(withValue(NO_SUMS, 8), 4)).toEqual({ n: 4, mean: 2, variance: 16 })
  })

  it('keep what a double would lose', () => {
    const sum = plus(plus(exactly(1e16), exactly(1)), exactly(-1e16))
    expect(asNumber(sum)).toBe(1)
    expect(asNumber(minus(square(94_906_267), exactly(9_007_199_515_875_288)))).toBe(1)
    expect(asNumber(dividedBy(exactly(1), 3))).toBe(1 / 3)
  })
})
