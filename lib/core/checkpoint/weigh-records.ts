import type { Json } from '../json.js'
import type { Because, CheckpointFinding, CheckpointOutcome, Rule } from './checkpoint.js'
import { badAtMost } from './hypergeometric.js'

/** What the comparison of records came to. */
export interface RecordsFound {
  /** Records there were to choose from: what either store listed. */
  frame: number
  compared: number
  differing: number
  /** Could not be judged: written at every look, or the stage lets them differ. */
  inconclusive: number
  /** Records that were chosen to be compared. */
  wanted: number
  /** Pages in which the target's listing is damaged: what only the target has was not looked for there. */
  unlisted: number
  examples: Json[]
}

/**
 * One difference that stood still is a breach. A record that could not be judged counts as bad in the bound, and beyond
 * a few of them nothing is told at all.
 */
export function weighSample(
  { frame, wanted, compared, differing, inconclusive, unlisted, examples }: RecordsFound,
  rule: Extract<Rule, { kind: 'data-consistency' }>,
): CheckpointFinding {
  const sampled = { population: frame, sample: compared, found: differing + inconclusive }
  const bound = badAtMost(sampled, rule.confidence)
  const numbers = {
    frame,
    compared,
    differing,
    inconclusive,
    differingAtMost: bound,
    differingShareAtMost: frame === 0 ? null : bound / frame,
    confidence: rule.confidence,
    unlisted,
  }
  const answer = (outcome: CheckpointOutcome, because: Because): CheckpointFinding => ({
    outcome,
    because,
    numbers,
    examples,
  })
  if (differing > 0) return answer('breach', 'differences-found')
  if (frame === 0 || compared === 0) return answer('not-enough-evidence', 'nothing-to-compare')
  if (tooMany(inconclusive, compared)) return answer('not-enough-evidence', 'not-comparable')
  if (compared < wanted) return answer('not-enough-evidence', 'too-few-compared')
  if (unlisted > 0) return answer('not-enough-evidence', 'listing-damaged')
  if (rule.boundShare !== null && bound > rule.boundShare * frame)
    return answer('not-enough-evidence', 'bound-too-wide')
  return answer('pass', 'no-differences')
}

export function weighAll(
  { frame, compared, differing, inconclusive, unlisted, examples }: RecordsFound,
  rule: Extract<Rule, { kind: 'full-consistency' }>,
): CheckpointFinding {
  const numbers = { frame, compared, differing, inconclusive, unlisted }
  const answer = (outcome: CheckpointOutcome, because: Because): CheckpointFinding => ({
    outcome,
    because,
    numbers,
    examples,
  })
  if (differing > 0) return answer('breach', 'differences-found')
  if (tooMany(inconclusive, compared)) return answer('not-enough-evidence', 'not-comparable')
  if (unlisted > 0) return answer('not-enough-evidence', 'listing-damaged')
  if (compared - inconclusive < rule.minCompared) return answer('not-enough-evidence', 'too-few-compared')
  return answer('pass', 'no-differences')
}

/** Share of the records compared that may be left without a verdict, as happens to those that are written all the time. */
const INCONCLUSIVE_SHARE_MAX = 0.01

function tooMany(inconclusive: number, compared: number): boolean {
  return inconclusive > INCONCLUSIVE_SHARE_MAX * compared
}
