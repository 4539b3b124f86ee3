import binomial from '@stdlib/stats-base-dists-binomial'
import { describe, expect, it } from 'vitest'
import {
  logEvidence,
  logEvidenceAbove,
  rhoFor,
  sequenceDistance,
  sequenceRadius,
  zOf,
} from '../../../lib/core/experiment/statistics/confidence-sequence.js'
import { normalDensity } from '../../../lib/core/experiment/statistics/normal.js'
import { logRateEvidence } from '../../../lib/core/experiment/statistics/rate-evidence.js'
import { logMultinomialEvidence } from '../../../lib/core/experiment/statistics/sample-ratio.js'

const SIDES = ['both', 'above', 'below'] as const

describe('evidence on rates', () => {
  it.each([0.5, 0.1, 0.83])('is worth exactly 1 on average, if the share is %d', (theta) => {
    for (const side of SIDES) {
      let mean = 0
      for (let k = 0; k <= 30; k++)
        mean += binomial.pmf(k, 30, theta) * Math.exp(logRateEvidence(30 - k, k, theta, side))
      expect(mean).toBeCloseTo(1, 9)
    }
  })

  it('of one side is worth less than 1 on average, where the truth lies on the other', () => {
    for (const [side, truth] of [
      ['above', 0.4],
      ['below', 0.6],
    ] as const) {
      let mean = 0
      for (let k = 0; k <= 40; k++) mean += binomial.pmf(k, 40, truth) * Math.exp(logRateEvidence(40 - k, k, 0.5, side))
      expect(mean).toBeLessThan(1)
    }
  })

  it('is none before the first event, and grows with what speaks for it', () => {
    for (const side of SIDES) expect(logRateEvidence(0, 0, 0.3, side)).toBeCloseTo(0, 12)
    expect(logRateEvidence(0, 12, 0.5, 'above')).toBeGreaterThan(Math.log(20))
    expect(logRateEvidence(0, 12, 0.5, 'below')).toBeLessThan(0)
    for (const events of [10, 100, 1_000, 100_000]) {
      expect(logRateEvidence(0, events, 0.01, 'below')).toBeLessThan(0)
      expect(logRateEvidence(events, 0, 0.99, 'above')).toBeLessThan(0)
      expect(logRateEvidence(0, events, 0.5, 'above')).toBeLessThan(events)
    }
  })
})

describe('evidence on shares', () => {
  it('is that of each subject after the other, multiplied', () => {
    const shares = [0.5, 0.3, 0.2]
    const prior = shares.map((share) => share * 1_000)
    let log = 0
    const counts = [0, 0, 0]
    for (const cohort of [0, 0, 2, 1, 0, 2, 2, 2]) {
      const predicted = ((prior[cohort] ?? 0) + (counts[cohort] ?? 0)) / (1_000 + counts.reduce((a, b) => a + b))
      log += Math.log(predicted / (shares[cohort] ?? 1))
      counts[cohort] = (counts[cohort] ?? 0) + 1
    }
    expect(logMultinomialEvidence(counts, shares)).toBeCloseTo(log, 9)
    expect(logMultinomialEvidence([0, 0, 0], shares)).toBeCloseTo(0, 12)
  })
})

describe('evidence on means', () => {
  const rho = rhoFor(1_000, 0.05)

  it('is the likelihood mixed over effects from a normal distribution, and over its upper half', () => {
    const [n, z] = [400, 2.1]
    const step = 0.0001
    const mixed = (from: number, weight: number) => {
      let sum = 0
      for (let effect = from; effect < 1; effect += step) {
        const likelihood = Math.exp(effect * z * Math.sqrt(n) - (effect * effect * n) / 2)
        sum += ((weight * normalDensity(effect / rho)) / rho) * likelihood * step
      }
      return Math.log(sum)
    }
    expect(logEvidence(z, n, rho)).toBeCloseTo(mixed(-1, 1), 6)
    expect(logEvidenceAbove(z, n, rho)).toBeCloseTo(mixed(step / 2, 2), 5)
  })

  it('reaches 1/alpha exactly where the sequence leaves 0', () => {
    for (const n of [50, 1_000, 1e6]) {
      expect(logEvidence(sequenceRadius(n, rho, 0.05), n, rho)).toBeCloseTo(Math.log(20), 9)
      expect(logEvidenceAbove(sequenceDistance(n, rho, 0.05), n, rho)).toBeCloseTo(Math.log(20), 9)
      expect(sequenceDistance(n, rho, 0.05)).toBeLessThan(sequenceRadius(n, rho, 0.05))
    }
    expect(zOf({ estimate: 3, standardError: 2, df: 1, n: 1 })).toBe(1.5)
  })

  it('is tightest about where it was told to be', () => {
    const width = (n: number, planned: number) => sequenceRadius(n, rhoFor(planned, 0.05), 0.05)
    for (const other of [100, 300, 3_000, 10_000]) expect(width(1_000, 1_000)).toBeLessThan(width(1_000, other))
  })
})
