import type { Allocation } from './allocation.js'
import { type Counts, NOBODY } from './counts.js'
import type { Cohort } from './experiment.js'
import { chiSquareP, logMultinomialEvidence } from './statistics/sample-ratio.js'

/** Whether subjects are where their hashes should have brought them. */
export interface RatioCheck {
  of: 'subjects' | 'key-space'
  counts: number[]
  shares: number[]
  /** Pearson's, for one look; `null`: too few. */
  p: number | null
  /** Against the shares; holds at every look, and alone decides. */
  evidence: number
  bound: number
  mismatch: boolean
}

/** Subjects by cohort, and by cell of the key space. Together they alarm by chance with `SAMPLE_RATIO_ALPHA` at most. */
export function ratioChecks(counts: Counts, allocation: Allocation, cohorts: readonly Cohort[]): RatioCheck[] {
  const subjects = cohorts.map(({ name }) => (counts.cohorts[name] ?? NOBODY).subjects)
  return [check('subjects', subjects, allocation.cohorts), check('key-space', counts.cells, allocation.cells)]
}

export const SAMPLE_RATIO_ALPHA = 0.01
const CHECKS = 2
const LOG_EVIDENCE_MAX = Math.log(1e300)

function check(of: RatioCheck['of'], counts: readonly number[], shares: readonly number[]): RatioCheck {
  const bound = CHECKS / SAMPLE_RATIO_ALPHA
  const possible = shares.map((share) => share > 0)
  // Where nobody can come, one who does says it all.
  const stray = counts.some((count, at) => count > 0 && possible[at] !== true)
  const kept = (values: readonly number[]) => values.filter((_, at) => possible[at] === true)
  const log = stray ? LOG_EVIDENCE_MAX : logMultinomialEvidence(kept(counts), kept(shares))
  const evidence = Math.exp(Math.min(log, LOG_EVIDENCE_MAX))
  const p = stray ? 0 : chiSquareP(kept(counts), kept(shares))
  return { of, counts: [...counts], shares: [...shares], p, evidence, bound, mismatch: evidence >= bound }
}
