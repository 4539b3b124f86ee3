import { incompleteBeta, upperBeta } from './beta.js'
import { logBeta } from './gamma.js'

/**
 * Evidence about events of which each is the treatment's with the probability `theta` or another, valid at every look
 * and exact however rare they are: ln of the likelihood mixed over a beta distribution about `theta`, divided by that
 * under `theta`. It is the case of two arms of Lindon and Malek, "Anytime-valid inference for multinomial count data",
 * NeurIPS 2022 (their section on conversions); the one-sided forms mix over one side of `theta` alone, and hold
 * against every share on the other side, since there the quotient only shrinks on average.
 *
 * Events must be independent: count one per subject. How late they come after the subject's cohort was dealt does not
 * matter, as long as it is equally late in both.
 */
export function logRateEvidence(
  control: number,
  treatment: number,
  theta: number,
  side: 'both' | 'above' | 'below',
): number {
  const [a, b] = [CONCENTRATION * theta, CONCENTRATION * (1 - theta)]
  const [after, afterB] = [a + treatment, b + control]
  const mixed = logBeta(after, afterB) - logBeta(a, b) - treatment * Math.log(theta) - control * Math.log1p(-theta)
  if (side === 'both') return mixed
  const share = side === 'above' ? upperBeta : incompleteBeta
  // A share that is 0 in a double lies on the side that shares far on the other speak against: there is no evidence.
  return mixed + Math.log(share(theta, after, afterB)) - Math.log(share(theta, a, b))
}

/** How many events the prior is worth: rates that differ by half are found soonest. */
const CONCENTRATION = 10
