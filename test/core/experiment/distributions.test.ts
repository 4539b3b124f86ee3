import beta from '@stdlib/stats-base-dists-beta'
import chisquare from '@stdlib/stats-base-dists-chisquare'
import normal from '@stdlib/stats-base-dists-normal'
import student from '@stdlib/stats-base-dists-t'
import { describe, expect, it } from 'vitest'
import { incompleteBeta, upperBeta } from '../../../lib/core/experiment/statistics/beta.js'
import { logBeta, logGamma, upperGamma } from '../../../lib/core/experiment/statistics/gamma.js'
import {
  logNormalBelow,
  normalAbove,
  normalBelow,
  normalDensity,
  normalUpperQuantile,
} from '../../../lib/core/experiment/statistics/normal.js'
import { studentAbove, studentUpperQuantile } from '../../../lib/core/experiment/statistics/student.js'

const DFS = [1, 1.5, 2, 3.7, 9, 30, 217.4, 5_000, 1e6]
const ZS = [-12, -6, -2.5, -1, -0.01, 0, 0.3, 1, 1.959964, 4, 8]

function near(found: number, wanted: number, digits = 1e-10): void {
  expect(Math.abs(found - wanted) / Math.max(Math.abs(wanted), 1e-280)).toBeLessThan(digits)
}

describe('the distributions', () => {
  it('gamma: factorials, and halves', () => {
    near(logGamma(11), Math.log(3_628_800), 1e-13)
    near(logGamma(0.5), Math.log(Math.PI) / 2, 1e-13)
    near(logBeta(3, 4), Math.log(1 / 60), 1e-13)
  })

  it.each(ZS)('normal at %d are those of @stdlib', (z) => {
    near(normalBelow(z), normal.cdf(z, 0, 1))
    near(normalAbove(z), normal.cdf(-z, 0, 1))
    near(normalDensity(z), normal.pdf(z, 0, 1))
    expect(logNormalBelow(z)).toBeCloseTo(Math.log(normal.cdf(z, 0, 1)), 8)
  })

  it('normal: the logarithm goes on where the share itself is 0 in a double', () => {
    expect(logNormalBelow(-60)).toBeCloseTo(-1805.01, 1)
    expect(logNormalBelow(-37.0001)).toBeCloseTo(logNormalBelow(-36.9999), 1)
  })

  it.each([1e-12, 1e-6, 0.001, 0.025, 0.05, 0.5, 0.8, 0.999])('normal above which %d lie', (tail) => {
    const found = normalUpperQuantile(tail)
    expect(found).toBeCloseTo(normal.quantile(1 - tail, 0, 1), tail < 1e-6 ? 3 : 8)
    near(normalAbove(found), tail)
  })

  it.each(DFS)('of Student with %d degrees of freedom are those of @stdlib', (df) => {
    for (const t of ZS) near(studentAbove(t, df), student.cdf(-t, df), 1e-8)
    for (const tail of [0.0005, 0.025, 0.2]) near(studentUpperQuantile(tail, df), student.quantile(1 - tail, df), 1e-7)
  })

  it.each([1, 2, 15, 99])('chi-square with %d degrees of freedom are those of @stdlib', (df) => {
    for (const x of [0, 0.1, 1, 10, 40, 150]) {
      const wanted = 1 - chisquare.cdf(x, df)
      expect(upperGamma(df / 2, x / 2)).toBeCloseTo(wanted, 11)
    }
    expect(upperGamma(df / 2, Number.POSITIVE_INFINITY)).toBe(0)
  })

  it('beta: both sides are those of @stdlib', () => {
    for (const a of [0.5, 1, 7, 120])
      for (const b of [0.5, 2, 33])
        for (const x of [0, 0.01, 0.3, 0.5, 0.9, 1]) {
          expect(incompleteBeta(x, a, b)).toBeCloseTo(beta.cdf(x, a, b), 11)
          expect(upperBeta(x, a, b)).toBeCloseTo(1 - beta.cdf(x, a, b), 11)
        }
  })
})
