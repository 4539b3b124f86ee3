import { logChoose } from '../experiment/statistics/gamma.js'

/**
 * What a sample without replacement says of all: of `population` records `sample` were looked at, each set of that size
 * being as likely as any other, and `found` of them were bad. The number of bad ones in such a sample has the
 * hypergeometric distribution, exactly; nothing is approximated and nothing is assumed of where the bad ones are.
 *
 * The bound inverts the exact test: it is the largest number of bad records in all under which so few would have been
 * found with a probability above 1 - confidence (Wright, "Exact Confidence Bounds when Sampling from Small Finite
 * Universes", Lecture Notes in Statistics 66, Springer, 1991; Buonaccorsi, "A Note on Confidence Intervals for
 * Proportions in Finite Populations", The American Statistician 41(3), 1987). Whatever the true number is, the bound is
 * below it with a probability of at most 1 - confidence.
 */
export interface Sampled {
  population: number
  sample: number
  found: number
}

/** At most so many of all are bad, with this confidence. With nothing sampled: all of them. */
export function badAtMost({ population, sample, found }: Sampled, confidence: number): number {
  const alpha = 1 - confidence
  // Those looked at and found good are good.
  let possible = found
  let above = population - (sample - found) + 1
  while (above - possible > 1) {
    const middle = Math.floor((possible + above) / 2)
    if (atMost(found, { population, bad: middle, sample }) > alpha) possible = middle
    else above = middle
  }
  return possible
}

/** Fewest records to look at so that, if all of them are good, at most `badMax` of all are bad with this confidence. */
export function sampleSizeFor(population: number, badMax: number, confidence: number): number {
  if (badMax >= population) return 0
  let below = 0
  let enough = population
  while (enough - below > 1) {
    const middle = Math.floor((below + enough) / 2)
    if (badAtMost({ population, sample: middle, found: 0 }, confidence) <= badMax) enough = middle
    else below = middle
  }
  return enough
}

/** Probability that at most `found` of `sample` drawn are bad, if `bad` of all are. */
export function atMost(
  found: number,
  { population, bad, sample }: { population: number; bad: number; sample: number },
): number {
  const least = Math.max(0, sample - (population - bad))
  const most = Math.min(bad, sample, found)
  if (found >= Math.min(bad, sample)) return 1
  if (most < least) return 0
  const all = logChoose(population, sample)
  // From the largest term downwards, each from the one before it: they fall fast, and none is lost by underflow.
  let term = Math.exp(logChoose(bad, most) + logChoose(population - bad, sample - most) - all)
  let sum = term
  for (let x = most; x > least; x--) {
    term *= (x * (population - bad - sample + x)) / ((bad - x + 1) * (sample - x + 1))
    sum += term
    if (term < sum * NEGLIGIBLE && x < (bad * sample) / population) break
  }
  return Math.min(1, sum)
}

const NEGLIGIBLE = 1e-18
