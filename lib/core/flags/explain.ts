import { type ConditionOutcome, outcomeOf, type Subject } from './condition.js'
import type { Condition } from './definition.js'
import { type Evaluable, type Evaluation, evaluate } from './evaluate.js'
import { effectivePercent } from './schedule.js'

/** Why a subject gets what it gets: the evaluation, and what each condition of each rule came to. */
export interface Explanation extends Evaluation {
  /** Of the rollout at this time; 0 where everybody gets the fallback. */
  percent: number
  /** Rules in their order; `reached` is false behind the one that decided, and where none was looked at. */
  rules: { reached: boolean; matches: boolean; conditions: { condition: Condition; outcome: ConditionOutcome }[] }[]
}

export function explainFlag(flag: Evaluable, subject: Subject, now: number): Explanation {
  const evaluation = evaluate(flag, subject, now)
  const last = evaluation.reason === 'DISABLED' ? -1 : (evaluation.rule ?? flag.rules.length)
  const rules = flag.rules.map(({ when }, number) => {
    const conditions = when.map((condition) => ({ condition, outcome: outcomeOf(condition, subject, flag.groups) }))
    return { reached: number <= last, matches: conditions.every(({ outcome }) => outcome === 'holds'), conditions }
  })
  return { ...evaluation, percent: effectivePercent(flag, now), rules }
}
