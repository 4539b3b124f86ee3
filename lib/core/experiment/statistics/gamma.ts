/**
 * The gamma function and its incomplete forms. Sources: Lanczos's approximation with the coefficients of Godfrey (g = 7,
 * nine terms; relative error about 1e-15), and NIST's Digital Library of Mathematical Functions: 8.11.4 (the series,
 * for x < a + 1) and 8.9.2 (the continued fraction, evaluated by the modified method of Lentz, otherwise).
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.abs(Math.sin(Math.PI * x))) - logGamma(1 - x)
  const shifted = x - 1
  let sum = LANCZOS_FIRST
  LANCZOS.forEach((coefficient, at) => {
    sum += coefficient / (shifted + at + 1)
  })
  const t = shifted + LANCZOS_G + 0.5
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(t) - t + Math.log(sum)
}

/** ln B(a, b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** ln of the count of ways to choose `k` of `n`. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
}

/** Q(a, x), the upper incomplete gamma function divided by the whole: 1 at x = 0, falling to 0. */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  if (x === Number.POSITIVE_INFINITY) return 0
  const front = Math.exp(a * Math.log(x) - x - logGamma(a))
  return x < a + 1 ? 1 - front * series(a, x) : front * fraction(a, x)
}

const LANCZOS_G = 7
const LANCZOS_FIRST = 0.99999999999980993
const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
]
const TERMS_MAX = 10_000
const CLOSE = 1e-16
const TINY = 1e-300

function series(a: number, x: number): number {
  let term = 1 / a
  let sum = term
  for (let n = 1; n < TERMS_MAX; n++) {
    term *= x / (a + n)
    sum += term
    if (term < sum * CLOSE) break
  }
  return sum
}

function fraction(a: number, x: number): number {
  let b = x + 1 - a
  let c = 1 / TINY
  let d = 1 / b
  let h = d
  for (let n = 1; n < TERMS_MAX; n++) {
    const numerator = -n * (n - a)
    b += 2
    d = 1 / away(numerator * d + b)
    c = away(b + numerator / c)
    const factor = d * c
    h *= factor
    if (Math.abs(factor - 1) < CLOSE * 4) break
  }
  return h
}

/** Lentz: a denominator that vanishes is taken for a tiny one. */
export function away(denominator: number): number {
  return Math.abs(denominator) < TINY ? TINY : denominator
}
