import { logNormalBelow } from './normal.js'
import { solve } from './solve.js'
import type { Contrast } from './welch.js'

/**
 * Tests and intervals that hold at every look at once: with probability 1 - alpha no look ever, however many and
 * whenever one stops, is wrong. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, "Time-uniform central limit
 * theory and asymptotic confidence sequences", Annals of Statistics 52(6), 2024: Theorem 2.2 (the two-sided sequence),
 * the choice of rho for the time at which it shall be tightest, and the one-sided sequence of its appendix; for two
 * arms with fixed shares, the difference of means as an estimator that is asymptotically linear (its section 3).
 *
 * Asymptotic: it holds from a number of values on at which means are near normal, and says nothing of the first few.
 * The caller keeps a least number per arm, which must be chosen before, not after looking.
 *
 * All values here are in terms of z (the estimate in standard errors) and n (values so far). What is bet against "no
 * effect" is the mixture martingale (n rho^2 + 1)^(-1/2) exp(rho^2 n z^2 / (2 (n rho^2 + 1))); it reaches 1/alpha
 * exactly where 0 leaves the sequence.
 */
export function logEvidence(z: number, n: number, rho: number): number {
  const spread = n * rho * rho + 1
  return ((n * rho * rho * z * z) / spread - Math.log(spread)) / 2
}

/** Evidence against "not above 0" (z positive if it speaks for above): the mixture is of positive effects alone. */
export function logEvidenceAbove(z: number, n: number, rho: number): number {
  const spread = n * rho * rho + 1
  return Math.log(2) + logEvidence(z, n, rho) + logNormalBelow((rho * Math.sqrt(n) * z) / Math.sqrt(spread))
}

/** Half the width of the confidence sequence, in standard errors. */
export function sequenceRadius(n: number, rho: number, alpha: number): number {
  const share = n * rho * rho
  return Math.sqrt((2 * (share + 1) * Math.log(Math.sqrt(share + 1) / alpha)) / share)
}

/** How far the bound of a one-sided sequence lies from the estimate, in standard errors. */
export function sequenceDistance(n: number, rho: number, alpha: number): number {
  return solve((z) => logEvidenceAbove(z, n, rho) - Math.log(1 / alpha), 0, Z_MAX)
}

/** The rho that makes the sequence tightest when `n` values are there. Chosen once, before the first look. */
export function rhoFor(n: number, alpha: number): number {
  const log = -2 * Math.log(alpha)
  return Math.sqrt((log + Math.log(log + 1)) / n)
}

export function zOf({ estimate, standardError }: Contrast): number {
  return estimate / standardError
}

const Z_MAX = 1_000
