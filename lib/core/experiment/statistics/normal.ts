import { upperGamma } from './gamma.js'
import { solve } from './solve.js'

/**
 * The standard normal distribution. Tails come from Q(1/2, z^2/2), the upper incomplete gamma function (DLMF 7.11.2),
 * so that small ones keep their digits; the quantile is solved from them.
 */
export function normalAbove(z: number): number {
  const tail = 0.5 * upperGamma(0.5, (z * z) / 2)
  return z >= 0 ? tail : 1 - tail
}

export function normalBelow(z: number): number {
  return normalAbove(-z)
}

export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI)
}

/** ln of the share below z; beyond where the share is 0 in a double, by its asymptotic series (DLMF 7.12.1). */
export function logNormalBelow(z: number): number {
  if (z > -37) return Math.log(normalBelow(z))
  return -0.5 * z * z - Math.log(-z * Math.sqrt(2 * Math.PI)) + Math.log1p(-1 / (z * z))
}

/** The z above which the share `tail` (0 to 1, both excluded) lies. */
export function normalUpperQuantile(tail: number): number {
  if (tail > 0.5) return -normalUpperQuantile(1 - tail)
  return solve((z) => normalAbove(z) - tail, 0, Z_MAX)
}

const Z_MAX = 38
