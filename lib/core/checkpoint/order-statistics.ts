import { incompleteBeta } from '../experiment/statistics/beta.js'
import { ACCURACY, type Sketch, sizeOf, valueOfBin } from '../metrics/sketch.js'

/**
 * How far a quantile of all requests may be from the one that was measured, without assuming how durations are
 * distributed: the number of measurements below the true quantile q is binomial (n, q), so certain ones of the ordered
 * measurements bound it (David and Nagaraja, "Order Statistics", 3rd edition, Wiley, 2003, section 7.1). What a sketch
 * may be off (1 %) is added on either side.
 *
 * It takes measurements to be independent of each other. A slow minute makes neighbours alike, and the interval too
 * narrow: a window should be longer than what disturbs it.
 */
export interface QuantileBounds {
  /** With the confidence asked for, the quantile is not lower; 0: too few measurements to tell. */
  lower: number
  /** ... and, with that same confidence, not higher; `null`: too few to tell. */
  upper: number | null
}

/** Bounds of the quantile `q`, each by itself missed with a probability of at most `alpha`. */
export function quantileBounds(sketch: Sketch, q: number, alpha: number): QuantileBounds {
  const size = sizeOf(sketch)
  if (size === 0) return { lower: 0, upper: null }
  // The r-th is above the quantile if at most r - 1 are not above it; below it if r or more are.
  const low = firstWhere(size, (rank) => binomialAtMost(rank, size, q) > alpha)
  const high = firstWhere(size, (rank) => 1 - binomialAtMost(rank, size, q) <= alpha) + 1
  return {
    lower: low === 0 ? 0 : valueAtRank(sketch, low) / (1 + ACCURACY),
    upper: high > size ? null : valueAtRank(sketch, high) / (1 - ACCURACY),
  }
}

/**
 * Bounds of the quantile of `over` divided by that of `under`, each missed with a probability of at most `alpha`: the
 * bounds of the two, each at half of it, put against each other (the inequality of Bonferroni, which holds however the
 * two depend on each other, as paired measurements do).
 */
export function ratioBounds(over: Sketch, under: Sketch, q: number, alpha: number): QuantileBounds {
  const a = quantileBounds(over, q, alpha / 2)
  const b = quantileBounds(under, q, alpha / 2)
  return {
    lower: b.upper === null ? 0 : a.lower / b.upper,
    upper: a.upper === null || b.lower === 0 ? null : a.upper / b.lower,
  }
}

/** Smallest whole number from 0 to `until` at which it holds, for what holds from some number on. */
function firstWhere(until: number, holds: (at: number) => boolean): number {
  let below = -1
  let found = until
  while (found - below > 1) {
    const middle = Math.floor((below + found) / 2)
    if (holds(middle)) found = middle
    else below = middle
  }
  return found
}

/** The value of the `rank`-th smallest, counted from 1. */
function valueAtRank(sketch: Sketch, rank: number): number {
  let below = 0
  let last = 0
  for (const bin of [...sketch.keys()].sort((a, b) => a - b)) {
    below += sketch.get(bin) ?? 0
    last = valueOfBin(bin)
    if (below >= rank) break
  }
  return last
}

/** Probability of at most `k` successes in `n` trials of chance `p`, by the incomplete beta function (DLMF 8.17.5). */
export function binomialAtMost(k: number, n: number, p: number): number {
  if (k < 0) return 0
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1)
}
