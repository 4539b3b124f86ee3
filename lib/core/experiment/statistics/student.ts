import { incompleteBeta } from './beta.js'
import { solve } from './solve.js'

/**
 * Student's t distribution, by the incomplete beta function: P(|T| > t) = I_x(df/2, 1/2) with x = df / (df + t^2)
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1). Degrees of freedom need not be whole.
 */
export function studentAbove(t: number, df: number): number {
  const tail = 0.5 * incompleteBeta(df / (df + t * t), df / 2, 0.5)
  return t >= 0 ? tail : 1 - tail
}

/** The t above which the share `tail` (0 to 0.5) lies. */
export function studentUpperQuantile(tail: number, df: number): number {
  let high = 1
  for (let doubling = 0; doubling < DOUBLINGS_MAX && studentAbove(high, df) > tail; doubling++) high *= 2
  return solve((t) => studentAbove(t, df) - tail, 0, high)
}

const DOUBLINGS_MAX = 1_000
