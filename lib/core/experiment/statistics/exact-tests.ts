import { incompleteBeta, upperBeta } from './beta.js'
import { logChoose } from './gamma.js'

/**
 * Tests for events so rare that no mean is near normal: exact at any count, for one look.
 *
 * Fisher's exact test (R. A. Fisher, The Design of Experiments, 1935): given how many subjects of both cohorts had the
 * event, how many of them are of the treatment is hypergeometric if the cohorts are alike. `both` adds up every outcome
 * that is no more probable than the one seen (as R's fisher.test does).
 */
export function fisherP(control: Tally, treatment: Tally, side: 'both' | 'above' | 'below'): number {
  const events = control.events + treatment.events
  const most = Math.min(events, treatment.n)
  const least = Math.max(0, events - control.n)
  const log = (k: number) =>
    logChoose(treatment.n, k) + logChoose(control.n, events - k) - logChoose(treatment.n + control.n, events)
  const seen = log(treatment.events)
  let p = 0
  for (let k = least; k <= most; k++) {
    const counts =
      side === 'both' ? log(k) <= seen + SAME : side === 'above' ? k >= treatment.events : k <= treatment.events
    if (counts) p += Math.exp(log(k))
  }
  return Math.min(1, p)
}

/** Subjects, and how many of them had the event. */
export interface Tally {
  n: number
  events: number
}

/**
 * The conditional test of two Poisson rates (Przyborowski and Wilenski, "Homogeneity of results in testing samples from
 * Poisson series", Biometrika 31, 1940): of all events, those of the treatment are binomial with the share `theta`.
 * P of as many or more (`above`), or of as few or fewer (`below`); tails of the binomial by the incomplete beta function
 * (DLMF 8.17.5).
 */
export function conditionalP(control: number, treatment: number, theta: number, side: 'above' | 'below'): number {
  if (side === 'above') return treatment === 0 ? 1 : incompleteBeta(theta, treatment, control + 1)
  return control === 0 ? 1 : upperBeta(theta, treatment + 1, control)
}

/** Relative difference of probabilities that are equal but for rounding. */
const SAME = 1e-7
