import type { Moments } from './moments.js'
import { studentAbove, studentUpperQuantile } from './student.js'

/**
 * A contrast of two means, treatment - factor * control, with its variance. `factor` 1 is their difference; 1.2 asks
 * whether the treatment is above 120 % of the control, without dividing by a mean that is itself estimated (as Fieller,
 * "Some problems in interval estimation", 1954). `null`: fewer than two values on a side, or no spread on either.
 */
export interface Contrast {
  estimate: number
  standardError: number
  /** Degrees of freedom as Welch and Satterthwaite give them. */
  df: number
  /** Values on both sides together. */
  n: number
}

/**
 * B. L. Welch, "The generalization of Student's problem when several different population variances are involved",
 * Biometrika 34, 1947; degrees of freedom: F. E. Satterthwaite, "An approximate distribution of estimates of variance
 * components", Biometrics Bulletin 2, 1946: (v1 + v2)^2 / (v1^2 / (n1 - 1) + v2^2 / (n2 - 1)), v = variance / n.
 */
export function contrastOf(control: Moments, treatment: Moments, factor = 1): Contrast | null {
  if (control.n < 2 || treatment.n < 2) return null
  const v0 = (factor * factor * control.variance) / control.n
  const v1 = treatment.variance / treatment.n
  const sum = v0 + v1
  if (!(sum > 0)) return null
  const df = (sum * sum) / ((v0 * v0) / (control.n - 1) + (v1 * v1) / (treatment.n - 1))
  const estimate = treatment.mean - factor * control.mean
  return usable({ estimate, standardError: Math.sqrt(sum), df, n: control.n + treatment.n })
}

/** The mean of differences that were taken pair by pair, against 0. */
export function pairedContrast(differences: Moments): Contrast | null {
  const { n, mean, variance } = differences
  if (n < 2 || !(variance > 0)) return null
  return usable({ estimate: mean, standardError: Math.sqrt(variance / n), df: n - 1, n })
}

/** P of a difference at least as large if there were none; `above`: of one at least as high. */
export function welchP({ estimate, standardError, df }: Contrast, side: 'both' | 'above' | 'below'): number {
  const t = estimate / standardError
  if (side === 'both') return Math.min(1, 2 * studentAbove(Math.abs(t), df))
  return studentAbove(side === 'above' ? t : -t, df)
}

/** Half the width of the confidence interval at level 1 - alpha. Right for one look, not for many. */
export function welchRadius({ standardError, df }: Contrast, alpha: number): number {
  return standardError * studentUpperQuantile(alpha / 2, df)
}

/** Spreads so small or large that a double cannot carry their square tell nothing. */
function usable(contrast: Contrast): Contrast | null {
  return Object.values(contrast).every(Number.isFinite) && contrast.standardError > 0 ? contrast : null
}
