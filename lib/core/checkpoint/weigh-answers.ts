import type { Json } from '../json.js'
import type { Because, CheckpointFinding, CheckpointOutcome, Rule } from './checkpoint.js'

/** In what two answers to one request differ. */
export const ANSWER_DIFFERENCES = ['status', 'etag', 'body', 'items', 'order', 'cursor', 'headers'] as const
export type AnswerDifference = (typeof ANSWER_DIFFERENCES)[number]

/** What came of asking both paths the same. */
export interface AnswersFound {
  /** Requests that were compared to the end: alike and different ones. */
  compared: number
  /** Of those compared: some record was in an answer. That both know nothing of an id says little. */
  withRecords: number
  different: number
  /** Requests whose answers kept changing, or that the stage lets differ. */
  inconclusive: number
  /** Of those compared: recorded from traffic. */
  recorded: number
  /** How many requests differ in what. */
  differences: { [kind in AnswerDifference]?: number }
  examples: Json[]
}

export const NOTHING_ANSWERED: AnswersFound = {
  compared: 0,
  withRecords: 0,
  different: 0,
  inconclusive: 0,
  recorded: 0,
  differences: {},
  examples: [],
}

export function weighAnswers(
  { compared, withRecords, different, inconclusive, recorded, differences, examples }: AnswersFound,
  { minRequests }: Extract<Rule, { kind: 'api-compatibility' }>,
): CheckpointFinding {
  const numbers = { compared, withRecords, different, inconclusive, recorded, minRequests, ...prefixed(differences) }
  const answer = (outcome: CheckpointOutcome, because: Because): CheckpointFinding => ({
    outcome,
    because,
    numbers,
    examples,
  })
  if (different > 0) return answer('breach', 'answers-differ')
  if (inconclusive > withRecords) return answer('not-enough-evidence', 'not-comparable')
  if (withRecords < Math.max(1, minRequests)) return answer('not-enough-evidence', 'too-few-requests')
  return answer('pass', 'answers-alike')
}

function prefixed(differences: AnswersFound['differences']): CheckpointFinding['numbers'] {
  return Object.fromEntries(Object.entries(differences).map(([kind, count]) => [`differIn-${kind}`, count]))
}
