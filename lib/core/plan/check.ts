import { COMPONENT_NAME } from '../component.js'
import { CutoverError } from '../error.js'
import { PATHS } from '../metrics/measurement.js'
import { METRICS, metricOf } from '../monitor/metric.js'
import { appliesTo } from './applies.js'
import {
  type Condition,
  type MigrationPlan,
  membersOf,
  PLAN_COLLECTIONS_MAX,
  PLAN_STEPS_MAX,
  type PlanStep,
  subjectsOf,
  type ThresholdCondition,
  TIME_SCALE_MIN,
  takenDownBy,
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
    ...plan.steps.flatMap((step) => [...ofStep(step), ...ofMembers(plan, step)]),
    ...ofOrder(plan),
  ]
  if (faults.length > 0) return faults
  const { fault } = walk(plan)
  return fault === null ? [] : [fault]
}

const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/
/** Longest soak: far above any plan, far below where milliseconds lose precision. */
const SOAK_MS_MAX = 366 * 86_400_000

function ofPlan(plan: MigrationPlan): string[] {
  const { name, components = [], steps, timeScale } = plan
  const collections = membersOf(plan)
  const faults: string[] = []
  if (!NAME.test(name)) faults.push('has a name that is not 1 to 64 of [a-z0-9-]')
  if (collections.length === 0) faults.push('has no collections')
  if (collections.length > PLAN_COLLECTIONS_MAX) faults.push(`has more than ${PLAN_COLLECTIONS_MAX} collections`)
  if (new Set(collections).size < collections.length) faults.push('names a collection twice')
  if (collections.some((collection) => collection === '' || collection === '__proto__'))
    faults.push('names a collection that cannot be')
  if (components.some((component) => !COMPONENT_NAME.test(component))) faults.push('names a component that cannot be')
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
  if (action.kind === 'rollout' && !(action.rolloutPercent > 0 && action.rolloutPercent <= 100))
    faults.push('has a rolloutPercent outside 0 to 100')
  if (onFail === 'turn-back' && rollback === null) faults.push('turns back on failure, but has no rollback')
  const kept = rollback?.rolloutPercent ?? 0
  if (!(kept >= 0 && kept < 100)) faults.push('has a rollback whose rolloutPercent is not from 0 to below 100')
  return faults.map((fault) => ({ step: name, fault }))
}

/** Nothing may be acted on, asked or taken back that the plan does not have: it would pass for want of anybody. */
function ofMembers(plan: MigrationPlan, { name, action, gate, rollback }: PlanStep): PlanFault[] {
  const faults: string[] = []
  if (action.kind !== 'none' && membersOf(plan).length > 0 && subjectsOf(plan, action).length === 0)
    faults.push(`has ${action.kind}, but the plan has no ${action.kind === 'rollout' ? 'components' : 'collections'}`)
  if (rollback !== null && membersOf(plan).length > 0 && takenDownBy(plan, rollback).length === 0)
    faults.push('has a rollback that nothing in the plan can take')
  for (const condition of gate) {
    if (plan.collections.length === 0 && membersOf(plan).length > 0 && !appliesTo(condition, 'flag'))
      faults.push(`asks for ${condition.kind}, which only collections can show`)
  }
  if ((action.kind === 'rollout') !== (rollback?.to === undefined) && action.kind !== 'none' && rollback !== null)
    faults.push('has a rollback of another kind than its action')
  return faults.map((fault) => ({ step: name, fault }))
}

function ofCondition(condition: Condition): string[] {
  const { kind } = condition
  if (kind === 'validation-clean') return least(kind, 'minCompared', condition.minCompared, 0)
  if (kind === 'comparisons')
    return [...least(kind, 'minSamples', condition.minSamples, 1), ...share(kind, condition.maxMismatchShare)]
  if (kind === 'error-rate')
    return [...least(kind, 'minOperations', condition.minOperations, 1), ...share(kind, condition.maxShare)]
  if (kind === 'no-breach') return least(kind, 'minWeighed', condition.minWeighed, 1)
  if (kind === 'checkpoint') return condition.checkpoint === '' ? ['needs the name of a checkpoint'] : []
  if (kind === 'threshold') return ofThreshold(condition)
  return []
}

function ofThreshold(condition: ThresholdCondition): string[] {
  const { kind, metric, path, relativeTo, threshold, windowMinutes, minSample } = condition
  const faults = least(kind, 'minSample', minSample, 1)
  if (metricOf(metric) === null) faults.push(`needs a metric such as ${METRICS.join(', ')} in ${kind}`)
  if (relativeTo === path) faults.push(`compares ${path} with itself in ${kind}`)
  if (!PATHS.includes(path)) faults.push(`needs a path of ${PATHS.join(', ')} in ${kind}`)
  if (!Number.isFinite(threshold)) faults.push(`needs a finite threshold in ${kind}`)
  if (!(windowMinutes > 0 && windowMinutes <= SOAK_MS_MAX / 60_000))
    faults.push(`needs windowMinutes above 0 and within a year in ${kind}`)
  return faults
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
