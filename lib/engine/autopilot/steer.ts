import { CutoverError } from '../../core/error.js'
import * as operate from '../../core/plan/operate.js'
import { type MigrationPlan, membersOf } from '../../core/plan/plan.js'
import type { PlanState, Turn } from '../../core/plan/state.js'
import type { Autopilot } from './actions.js'
import { takeCollections } from './holders.js'
import { commitTurn, findPlan, readPlan } from './kept.js'

/**
 * Starts a plan. Starting the very plan that is already under way answers its state; another of the same name, or one
 * that shares a collection with a plan at work, is a `conflict`. A plan that has ended is replaced.
 */
export async function startPlan(
  autopilot: Autopilot,
  plan: MigrationPlan,
  operator: operate.Operator,
  /** Where to begin, if what lies before it is done. */
  stepIndex = 0,
): Promise<PlanState> {
  const turn = operate.begin(plan, operator, autopilot.clock.now(), 0, stepIndex)
  await mustBeLet(autopilot, plan)
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const kept = await findPlan(autopilot, plan.name)
    if (kept !== null && kept.state.status !== 'finished') {
      const isSame = kept.state.status === 'running' && JSON.stringify(kept.state.plan) === JSON.stringify(plan)
      if (isSame) return kept.state
      if (kept.state.status !== 'failed' || kept.state.rollingBack.length > 0)
        throw new CutoverError('conflict', `A plan ${plan.name} exists and is ${kept.state.status}.`)
    }
    const next =
      kept === null ? turn : operate.begin(plan, operator, autopilot.clock.now(), kept.state.entry, stepIndex)
    const holders = await takeCollections(autopilot, plan.name, membersOf(plan))
    const committed = await commitTurn(autopilot, plan.name, kept?.revision ?? null, next, [holders])
    if (committed !== null) return committed.state
  }
  throw contended(plan.name)
}

/** No further action begins. One that is under way at this moment ends, and is recorded. */
export function pausePlan(autopilot: Autopilot, name: string, operator: operate.Operator): Promise<PlanState> {
  return steer(autopilot, name, (state, now) => operate.pause(state, operator, now))
}

export async function resumePlan(autopilot: Autopilot, name: string, operator: operate.Operator): Promise<PlanState> {
  await mustBeLet(autopilot, (await readPlan(autopilot, name)).state.plan)
  return steer(autopilot, name, (state, now) => operate.resume(state, operator, now))
}

export function overrulePlan(
  autopilot: Autopilot,
  name: string,
  verb: operate.Overrule,
  operator: operate.Operator,
): Promise<PlanState> {
  return steer(autopilot, name, (state, now) => operate.overrule(state, verb, operator, now))
}

/**
 * Ends a plan wherever it stands, at once: status `failed`, nothing of it goes on. A plan that has ended is left alone.
 * An action that is under way at this moment ends; what it has set, whoever stops everything sees to.
 */
export function failPlan(autopilot: Autopilot, name: string, operator: operate.Operator): Promise<PlanState> {
  return steer(autopilot, name, (state, now) => operate.fail(state, operator, now))
}

/** Turns a plan back from where it stands, also a finished one; the ticks carry it out. */
export function withdrawPlan(autopilot: Autopilot, name: string, operator: operate.Operator): Promise<PlanState> {
  return steer(autopilot, name, (state, now) => operate.withdraw(state, operator, now))
}

/** Throws `conflict` while something forbids that the plan begins anything. */
async function mustBeLet({ actions }: Autopilot, plan: MigrationPlan): Promise<void> {
  const why = await actions.holds?.(plan)
  if (why != null) throw new CutoverError('conflict', `The plan ${plan.name} cannot begin: ${why}.`)
}

const ATTEMPTS_MAX = 5

async function steer(
  autopilot: Autopilot,
  name: string,
  turnOf: (state: PlanState, now: number) => Turn,
): Promise<PlanState> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const { revision, state } = await readPlan(autopilot, name)
    const turn = turnOf(state, autopilot.clock.now())
    if (turn.decision === null) return state
    const wakes = isAwake(turn.state) && !isAwake(state)
    const others = wakes ? [await takeCollections(autopilot, name, membersOf(state.plan))] : []
    const committed = await commitTurn(autopilot, name, revision, turn, others)
    if (committed !== null) return committed.state
  }
  throw contended(name)
}

/** It may act on its collections, which another plan could have taken while it did not. */
function isAwake({ status, rollingBack }: PlanState): boolean {
  return status === 'running' || status === 'paused' || rollingBack.length > 0
}

function contended(name: string): CutoverError {
  return new CutoverError('contended', `The plan ${name} was changed by others at the same moment. Try again.`)
}
