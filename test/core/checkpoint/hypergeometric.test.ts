import hypergeometric from '@stdlib/stats-base-dists-hypergeometric'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { atMost, badAtMost, sampleSizeFor } from '../../../lib/core/checkpoint/hypergeometric.js'

const populations = fc.integer({ min: 1, max: 3_000 })
const cases = populations.chain((population) =>
  fc.record({
    population: fc.constant(population),
    sample: fc.integer({ min: 0, max: population }),
    bad: fc.integer({ min: 0, max: population }),
  }),
)
const CONFIDENCES = [0.9, 0.95, 0.99]

describe('the probability of at most so many bad ones in a sample', () => {
  it('is that of @stdlib', () => {
    fc.assert(
      fc.property(cases, fc.double({ min: 0, max: 1, noNaN: true }), ({ population, sample, bad }, share) => {
        const found = Math.floor(share * sample)
        const oracle = hypergeometric.cdf(found, population, bad, sample)
        expect(atMost(found, { population, bad, sample })).toBeCloseTo(oracle, 8)
      }),
      { numRuns: 500 },
    )
  })

  it('holds for a population that no table covers', () => {
    // (1 - K/N)^n is its limit from above where the sample is small.
    const p = atMost(0, { population: 10_000_000, bad: 30_000, sample: 1_000 })
    expect(p).toBeLessThan((1 - 30_000 / 10_000_000) ** 1_000)
    expect(p).toBeGreaterThan(0.998 * (1 - 30_000 / 10_000_000) ** 1_000)
  })
})

describe('the bound on all, from a sample', () => {
  it('is the largest number under which so few would be found with more than 1 - confidence', () => {
    fc.assert(
      fc.property(cases, fc.constantFrom(...CONFIDENCES), fc.nat(5), ({ population, sample }, confidence, few) => {
        const found = Math.min(few, sample)
        const bound = badAtMost({ population, sample, found }, confidence)
        expect(bound).toBeGreaterThanOrEqual(found)
        expect(bound).toBeLessThanOrEqual(population - sample + found)
        const chance = (bad: number) => hypergeometric.cdf(found, population, bad, sample)
        if (bound > found) expect(chance(bound)).toBeGreaterThan(1 - confidence - 1e-9)
        if (bound < population - sample + found) expect(chance(bound + 1)).toBeLessThanOrEqual(1 - confidence + 1e-9)
      }),
      { numRuns: 400 },
    )
  })

  it('covers the truth as often as it says, whatever the truth is', () => {
    for (const population of [1, 7, 30, 100]) {
      for (const confidence of CONFIDENCES) {
        for (let sample = 0; sample <= population; sample += Math.max(1, Math.floor(population / 7))) {
          const bounds = Array.from({ length: sample + 1 }, (_, found) =>
            badAtMost({ population, sample, found }, confidence),
          )
          for (let bad = 0; bad <= population; bad++) {
            const missed = bounds.reduce(
              (sum, bound, found) => (bound < bad ? sum + hypergeometric.pmf(found, population, bad, sample) : sum),
              0,
            )
            expect(missed).toBeLessThanOrEqual(1 - confidence + 1e-9)
          }
        }
      }
    }
  })

  it('is exact where all were looked at, and says nothing where none were', () => {
    expect(badAtMost({ population: 50, sample: 50, found: 3 }, 0.95)).toBe(3)
    expect(badAtMost({ population: 50, sample: 0, found: 0 }, 0.95)).toBe(50)
  })

  it('tells of 300 of 783 records of which none differ', () => {
    expect(badAtMost({ population: 783, sample: 300, found: 0 }, 0.95)).toBe(6)
    expect(badAtMost({ population: 783, sample: 300, found: 0 }, 0.99)).toBe(9)
  })
})

describe('the size of a sample', () => {
  it('is the smallest that gives the bound', () => {
    fc.assert(
      fc.property(populations, fc.nat(60), fc.constantFrom(...CONFIDENCES), (population, badMax, confidence) => {
        const sample = sampleSizeFor(population, badMax, confidence)
        expect(badAtMost({ population, sample, found: 0 }, confidence)).toBeLessThanOrEqual(badMax)
        if (sample > 0)
          expect(badAtMost({ population, sample: sample - 1, found: 0 }, confidence)).toBeGreaterThan(badMax)
      }),
      { numRuns: 300 },
    )
  })

  it.each([
    [783, 2, 0.95, 494],
    [10_000, 100, 0.95, 291],
    [1_000_000, 10_000, 0.99, 459],
    [10, 0, 0.95, 10],
  ])('of %i with at most %i bad at %f is %i', (population, badMax, confidence, size) => {
    expect(sampleSizeFor(population, badMax, confidence)).toBe(size)
  })
})
