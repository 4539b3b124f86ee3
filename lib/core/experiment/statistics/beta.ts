import { away, logBeta } from './gamma.js'

/**
 * I_x(a, b), the regularised incomplete beta function: the share of a beta distribution below x. By the continued
 * fraction DLMF 8.17.22, evaluated by the modified method of Lentz, on the side where it closes fast
 * (x < (a + 1) / (a + b + 2)), and by the symmetry I_x(a, b) = 1 - I_{1-x}(b, a) on the other.
 */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  return x < turn(a, b) ? below(x, a, b) : 1 - below(1 - x, b, a)
}

/** 1 - I_x(a, b), without losing what is small. */
export function upperBeta(x: number, a: number, b: number): number {
  return incompleteBeta(1 - x, b, a)
}

function turn(a: number, b: number): number {
  return (a + 1) / (a + b + 2)
}

function below(x: number, a: number, b: number): number {
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  return Math.min(1, front * fraction(x, a, b))
}

const TERMS_MAX = 10_000
const CLOSE = 4e-16

function fraction(x: number, a: number, b: number): number {
  let c = 1
  let d = 1 / away(1 - ((a + b) * x) / (a + 1))
  let h = d
  for (let m = 1; m < TERMS_MAX; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / away(1 + even * d)
    c = away(1 + even / c)
    h *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / away(1 + odd * d)
    c = away(1 + odd / c)
    h *= d * c
    if (Math.abs(d * c - 1) < CLOSE) break
  }
  return h
}
