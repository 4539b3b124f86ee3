import { CutoverError } from '../error.js'
import {
  type Condition,
  type MigrationPlan,
  PLAN_COLLECTIONS_MAX,
  PLAN_STEPS_MAX,
  type PlanStep,
  TIME_SCALE_MIN,
} from './plan.js'
import { type PlanFault, walk } from './walk.js'

/** The plan, if it can be carried out; else `invalid-input` with every fault and the step it is in. */
export function checkPlan(plan: MigrationPlan): MigrationPlan {
  const faults = faultsOfPlan(plan)
  if (faults.length === 0) return plan
  const lines = faults.map(({ step, fault }) => (step === null ? `The plan ${fault}` : `Step "${step}" ${fault}`))
  throw new CutoverError('invalid-input', `${lines.join('. ')}.`, { details: { faults: lines } })
}

export function faultsOfPlan(plan: MigrationPlan): PlanFault[] {
  const faults = [
    ...ofPlan(plan).map((fault) => ({ step: null, fault })),
    ...plan.steps.flatMap(ofStep),
    ...ofOrder(plan),
  ]
  if (faults.length > 0) return faults
  const { fault } = walk(plan)
  return fault === null ? [] : [fault]
}

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
/** Longest soak: far above any plan, far below where milliseconds lose precision. */
const SOAK_MS_MAX = 366 * 86_400_000

function ofPlan({ name, collections, steps, timeScale }: MigrationPlan): string[] {
  const faults: string[] = []
  if (!NAME.test(name)) faults.push('has a name that is not 1 to 64 of [a-z0-9-]')
  if (collections.length === 0) faults.push('has no collections')
  if (collections.length > PLAN_COLLECTIONS_MAX) faults.push(`has more than ${PLAN_COLLECTIONS_MAX} collections`)
  if (new Set(collections).size < collections.length) faults.push('names a collection twice')
  if (collections.some((collection) => collection === '' || collection === '__proto__'))
    faults.push('names a collection that cannot be')
  if (steps.length === 0) faults.push('has no steps')
  if (steps.length > PLAN_STEPS_MAX) faults.push(`has more than ${PLAN_STEPS_MAX} steps`)
  if (!(Number.isFinite(timeScale) && timeScale >= TIME_SCALE_MIN))
    faults.push(`has a timeScale below ${TIME_SCALE_MIN}`)
  return faults
}

function ofStep(step: PlanStep): PlanFault[] {
  const { name, day, action, gate, soakMs, onFail, rollback } = step
  const faults: string[] = gate.flatMap(ofCondition)
  if (name.trim() === '') faults.push('has no name')
  if (!(Number.isSafeInteger(day) && day >= 1)) faults.push('has a day that is not a whole number from 1')
  if (!(soakMs >= 0 && soakMs <= SOAK_MS_MAX)) faults.push('has a soakMs below 0 or above a year')
  if (action.kind === 'move' && !(action.rolloutPercent > 0 && action.rolloutPercent <= 100))
    faults.push('has a rolloutPercent outside 0 to 100')
  if (onFail === 'turn-back' && rollback === null) faults.push('turns back on failure, but has no rollback')
  const kept = rollback?.rolloutPercent ?? 0
  if (!(kept >= 0 && kept < 100)) faults.push('has a rollback whose rolloutPercent is not from 0 to below 100')
  return faults.map((fault) => ({ step: name, fault }))
}

function ofCondition(condition: Condition): string[] {
  const { kind } = condition
  if (kind === 'validation-clean') return least(kind, 'minCompared', condition.minCompared, 0)
  if (kind === 'comparisons')
    return [...least(kind, 'minSamples', condition.minSamples, 1), ...share(kind, condition.maxMismatchShare)]
  if (kind === 'error-rate')
    return [...least(kind, 'minOperations', condition.minOperations, 1), ...share(kind, condition.maxShare)]
  return []
}

function least(kind: string, member: string, value: number, min: number): string[] {
  return Number.isSafeInteger(value) && value >= min ? [] : [`needs a whole ${member} of at least ${min} in ${kind}`]
}

function share(kind: string, value: number): string[] {
  return value >= 0 && value <= 1 ? [] : [`needs a share from 0 to 1 in ${kind}`]
}

function ofOrder({ steps }: MigrationPlan): PlanFault[] {
  return steps.flatMap(({ name, day }, at) => {
    const faults: string[] = []
    if (steps.findIndex((other) => other.name === name) < at) faults.push('has the name of an earlier step')
    if (day < (steps[at - 1]?.day ?? day)) faults.push('has an earlier day than the step before it')
    return faults.map((fault) => ({ step: name, fault }))
  })
}
