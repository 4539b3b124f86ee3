import hypergeometric from '@stdlib/stats-base-dists-hypergeometric'
import binomialTest from '@stdlib/stats-binomial-test'
import padjust from '@stdlib/stats-padjust'
import ttest2 from '@stdlib/stats-ttest2'
import { describe, expect, it } from 'vitest'
import { conditionalP, fisherP } from '../../../lib/core/experiment/statistics/exact-tests.js'
import { adjustedPs, rejectedByE } from '../../../lib/core/experiment/statistics/false-discovery.js'
import { boundaries, crossed, spentBy } from '../../../lib/core/experiment/statistics/group-sequential.js'
import { chiSquareP } from '../../../lib/core/experiment/statistics/sample-ratio.js'
import { contrastOf, pairedContrast, welchP, welchRadius } from '../../../lib/core/experiment/statistics/welch.js'
import { momentsOfValues } from './values.js'

/** Student's own two samples of sleep, as every textbook has them. */
const A = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
const B = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]

describe('Welch', () => {
  it('answers what @stdlib does, of equal and of unequal samples', () => {
    for (const [control, treatment] of [[A, B] as const, [A.slice(0, 3), B] as const]) {
      const contrast = contrastOf(momentsOfValues(control), momentsOfValues(treatment))
      if (contrast === null) throw new Error('no contrast')
      for (const [side, alternative] of [
        ['both', 'two-sided'],
        ['above', 'greater'],
        ['below', 'less'],
      ] as const) {
        const wanted = ttest2(treatment, control, { alternative })
        expect(welchP(contrast, side)).toBeCloseTo(wanted.pValue, 10)
      }
      const { ci } = ttest2(treatment, control)
      expect(contrast.estimate + welchRadius(contrast, 0.05)).toBeCloseTo(ci[1] ?? Number.NaN, 7)
    }
  })

  it('has the numbers of the textbooks: t = -1.8608, df = 17.776, p = 0.07939; paired t = -4.0621, p = 0.002833', () => {
    const contrast = contrastOf(momentsOfValues(B), momentsOfValues(A))
    expect(contrast?.df).toBeCloseTo(17.776, 3)
    expect((contrast?.estimate ?? 0) / (contrast?.standardError ?? 0)).toBeCloseTo(-1.8608, 4)
    expect(contrast === null ? null : welchP(contrast, 'both')).toBeCloseTo(0.07939, 5)
    const paired = pairedContrast(momentsOfValues(A.map((value, at) => value - (B[at] ?? 0))))
    expect(paired === null ? null : welchP(paired, 'both')).toBeCloseTo(0.002833, 6)
  })

  it('says nothing of too little, or of values without spread', () => {
    const one = momentsOfValues([1])
    const same = momentsOfValues([2, 2, 2])
    for (const [a, b] of [
      [one, momentsOfValues(B)],
      [same, same],
      [momentsOfValues([]), momentsOfValues([])],
    ] as const)
      expect(contrastOf(a, b)).toBeNull()
    expect(contrastOf(momentsOfValues([1e-200, 2e-200]), momentsOfValues([1e-200, 3e-200]))).toBeNull()
    expect(pairedContrast(same)).toBeNull()
  })
})

describe('exact tests', () => {
  it('Fisher: the lady who tasted tea, p = 0.4857 and 0.2429; and a table of R, p = 0.0005367', () => {
    expect(fisherP({ n: 4, events: 1 }, { n: 4, events: 3 }, 'both')).toBeCloseTo(0.4857, 4)
    expect(fisherP({ n: 4, events: 1 }, { n: 4, events: 3 }, 'above')).toBeCloseTo(0.2429, 4)
    expect(fisherP({ n: 17, events: 2 }, { n: 13, events: 10 }, 'both')).toBeCloseTo(0.0005367, 7)
  })

  it('Fisher: its tails are those of @stdlib’s hypergeometric', () => {
    const wanted = hypergeometric.cdf(3, 1000 + 900, 11, 900)
    expect(fisherP({ n: 1000, events: 8 }, { n: 900, events: 3 }, 'below')).toBeCloseTo(wanted, 9)
    expect(fisherP({ n: 10, events: 0 }, { n: 10, events: 0 }, 'both')).toBe(1)
    expect(fisherP({ n: 0, events: 0 }, { n: 0, events: 0 }, 'above')).toBe(1)
  })

  it('of two Poisson rates are the binomial ones of @stdlib', () => {
    for (const [control, treatment, theta] of [
      [3, 12, 0.5],
      [1, 0, 0.5],
      [0, 9, 0.1],
      [40, 55, 0.45],
    ] as const) {
      const n = control + treatment
      const above = binomialTest(treatment, n, { p: theta, alternative: 'greater' }).pValue
      const below = binomialTest(treatment, n, { p: theta, alternative: 'less' }).pValue
      expect(conditionalP(control, treatment, theta, 'above')).toBeCloseTo(above, 9)
      expect(conditionalP(control, treatment, theta, 'below')).toBeCloseTo(below, 9)
    }
    expect([conditionalP(0, 0, 0.5, 'above'), conditionalP(0, 0, 0.5, 'below')]).toEqual([1, 1])
  })

  it('chi-square: Mendel’s peas, p = 0.9254; nothing of too few', () => {
    expect(chiSquareP([315, 108, 101, 32], [9 / 16, 3 / 16, 3 / 16, 1 / 16])).toBeCloseTo(0.9254, 4)
    expect(chiSquareP([5, 4], [0.5, 0.5])).toBeNull()
    expect(chiSquareP([500], [1])).toBeNull()
  })
})

describe('false discoveries', () => {
  const ps = [0.01, 0.02, 0.03, 0.9, 0.0001, 0.04, 0.04]
  it('are those of @stdlib', () => {
    for (const [ours, theirs] of [
      ['benjamini-hochberg', 'bh'],
      ['benjamini-yekutieli', 'by'],
    ] as const) {
      const wanted = [...padjust(ps, theirs)]
      adjustedPs(ps, ours).forEach((p, at) => {
        expect(p).toBeCloseTo(wanted[at] ?? Number.NaN, 12)
      })
      expect(adjustedPs([], ours)).toEqual([])
    }
  })

  it('by evidence: the k largest, where each is m / (alpha k)', () => {
    const log = (...es: number[]) => es.map(Math.log)
    expect(rejectedByE(log(100, 41, 27, 1), 0.05)).toEqual([true, true, true, false])
    expect(rejectedByE(log(79, 1, 1, 1), 0.05)).toEqual([false, false, false, false])
    expect(rejectedByE([Number.NEGATIVE_INFINITY], 0.05)).toEqual([false])
    expect(rejectedByE([], 0.05)).toEqual([])
  })
})

describe('boundaries for planned looks', () => {
  const five = [0.2, 0.4, 0.6, 0.8, 1]
  const spend = (shares: number[], alpha: number, spending: 'obrien-fleming' | 'pocock', sides: 1 | 2) =>
    shares.map((share) => spentBy(share, alpha, spending, sides))

  it.each([
    ['obrien-fleming', [4.8769, 3.357, 2.6803, 2.2898, 2.031]],
    ['pocock', [2.438, 2.4268, 2.4101, 2.3966, 2.3859]],
  ] as const)('are those that Reboussin, DeMets, Kim and Lan (2000) give for %s', (spending, wanted) => {
    boundaries(five, spend(five, 0.05, spending, 2), 2).forEach((z, at) => {
      expect(Math.abs(z - (wanted[at] ?? 0))).toBeLessThan(2e-4)
    })
  })

  it('are those of one side: 2.9626 and 1.9686 of two looks at 0.025', () => {
    const found = boundaries([0.5, 1], spend([0.5, 1], 0.025, 'obrien-fleming', 1), 1)
    expect(found.map((z) => z.toFixed(4))).toEqual(['2.9626', '1.9686'])
  })

  it.each([
    [2, 2.178, 1.977],
    [3, 2.289, 2.004],
    [5, 2.413, 2.04],
    [10, 2.555, 2.087],
  ])('%d looks: the constants of Jennison and Turnbull (tables 2.1, 2.3) keep 0.05', (looks, pocock, obrien) => {
    const shares = Array.from({ length: looks }, (_, at) => (at + 1) / looks)
    const flat = crossed(
      shares,
      shares.map(() => pocock),
      2,
    )
    const falling = crossed(
      shares,
      shares.map((share) => obrien / Math.sqrt(share)),
      2,
    )
    expect(Math.abs(flat - 0.05)).toBeLessThan(1e-4)
    expect(Math.abs(falling - 0.05)).toBeLessThan(1e-4)
  })

  it('keep alpha whenever the looks come, and nothing is left to spend after the last', () => {
    const uneven = [0.07, 0.5, 0.55, 0.97, 1]
    const spent = spend(uneven, 0.05, 'pocock', 2)
    expect(crossed(uneven, boundaries(uneven, spent, 2), 2)).toBeCloseTo(0.05, 6)
    expect([spentBy(0, 0.05, 'pocock', 2), spentBy(1, 0.05, 'obrien-fleming', 1)]).toEqual([0, 0.05])
    expect(boundaries([0.5, 1], [0.05, 0.05], 2)[1]).toBeGreaterThan(6)
  })
})
