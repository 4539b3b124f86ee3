import { asNumber, dividedBy, EXACT_ZERO, type ExactSum, exactly, minus, plus, square, times } from './exact-sum.js'

/** How many values, their mean, and their variance (with n - 1). No values have the mean 0; fewer than two no variance. */
export interface Moments {
  n: number
  mean: number
  variance: number
}

/** What moments are got from, and what is kept: sums that are added exactly, in any order. */
export interface Sums {
  n: number
  sum: ExactSum
  squares: ExactSum
}

export const NO_SUMS: Sums = { n: 0, sum: EXACT_ZERO, squares: EXACT_ZERO }

export function addSums(a: Sums, b: Sums): Sums {
  return { n: a.n + b.n, sum: plus(a.sum, b.sum), squares: plus(a.squares, b.squares) }
}

/** One value more; or, with `before`, another value in the place of that one. */
export function withValue(sums: Sums, value: number, before: number | null = null): Sums {
  const added = { n: 1, sum: exactly(value), squares: square(value) }
  const sum = addSums(sums, added)
  if (before === null) return sum
  return { n: sum.n - 1, sum: minus(sum.sum, exactly(before)), squares: minus(sum.squares, square(before)) }
}

/** `n` above the count of the sums' own: the others are zeros. */
export function momentsOf(sums: Sums, n = sums.n): Moments {
  if (n < 1) return { n: 0, mean: 0, variance: 0 }
  const mean = dividedBy(sums.sum, n)
  if (n < 2) return { n, mean: asNumber(mean), variance: 0 }
  const about = minus(sums.squares, times(sums.sum, mean))
  return { n, mean: asNumber(mean), variance: Math.max(0, asNumber(about)) / (n - 1) }
}
