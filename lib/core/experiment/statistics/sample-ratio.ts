import { logGamma, upperGamma } from './gamma.js'

/**
 * Whether counts are as they should be by their shares; when they are not, subjects are lost, counted twice or dealt
 * otherwise than was said, and no comparison of the cohorts means anything.
 *
 * For one look: Pearson's chi-square. P is Q(df/2, x/2) (Abramowitz and Stegun 26.4.19). `null`: fewer than 5 are
 * expected somewhere, where the approximation does not hold (Cochran, "The chi-square test of goodness of fit", 1952).
 */
export function chiSquareP(counts: readonly number[], shares: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (counts.length < 2 || shares.some((share) => total * share < EXPECTED_MIN)) return null
  const statistic = counts.reduce((sum, count, at) => {
    const expected = total * (shares[at] ?? 0)
    return sum + (count - expected) ** 2 / expected
  }, 0)
  return upperGamma((counts.length - 1) / 2, statistic / 2)
}

/**
 * For every look at once: ln of the evidence against the shares. Source: Lindon and Malek, "Anytime-valid inference for
 * multinomial count data", NeurIPS 2022: the likelihood of the counts mixed over shares from a Dirichlet distribution
 * about those expected, divided by that under the shares expected. It is exact at any counts, and under the shares
 * expected it ever reaches 1/alpha with probability alpha at most.
 */
export function logMultinomialEvidence(counts: readonly number[], shares: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  let log = logGamma(CONCENTRATION) - logGamma(CONCENTRATION + total)
  counts.forEach((count, at) => {
    const share = shares[at] ?? 0
    const prior = CONCENTRATION * share
    log += logGamma(prior + count) - logGamma(prior) - count * Math.log(share)
  })
  return log
}

const EXPECTED_MIN = 5
/** How many subjects the prior is worth: shares that are off by a few percent of the whole are found soonest. */
const CONCENTRATION = 1_000
