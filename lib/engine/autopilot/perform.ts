import { CutoverError } from '../../core/error.js'
import type { Next } from '../../core/plan/next.js'
import { type Outcome, recordOutcome, startsOf } from '../../core/plan/outcome.js'
import { type Claim, type PlanState, stepOf } from '../../core/plan/state.js'
import { isForbidding } from '../../core/rollback/forbidden.js'
import type { MoveResult } from '../stages/move.js'
import type { Autopilot, PlannedMove } from './actions.js'
import { commitTurn, type Kept, readPlan } from './kept.js'

type Task = Extract<Next, { kind: 'act' | 'roll-back' }>

/**
 * Carries out one action: claims it in the ledger, does it, records what came of it.
 *
 * What can go wrong: a crash after the action and before the record; then the claim runs out and the action is done
 * again, which changes nothing. Two ticks at once; then one claim is refused and that tick does nothing. What cannot:
 * an action for a state of the plan that was no longer the latest when the claim was taken.
 */
export async function perform(autopilot: Autopilot, kept: Kept, task: Task): Promise<Outcome['kind'] | 'overtaken'> {
  const { clock, claimMs = CLAIM_MS } = autopilot
  const { name } = kept.state.plan
  const { kind, collection } = task
  const claim: Claim = { id: clock.id(), collection, kind, until: clock.now() + claimMs }
  const claimed = await commitTurn(autopilot, name, kept.revision, { state: { ...kept.state, claim }, decision: null })
  if (claimed === null) return 'overtaken'
  let unexpected: { error: unknown } | null = null
  const outcome = await attempt(autopilot, claimed.state, task).catch((error: unknown): Outcome => {
    if (error instanceof CutoverError) return outcomeOfError(error)
    unexpected = { error }
    return { kind: 'refused', why: 'unexpected-error' }
  })
  const recorded = await record(autopilot, claimed, claim, outcome)
  if (unexpected !== null) throw (unexpected as { error: unknown }).error
  return recorded ? outcome.kind : 'overtaken'
}

/** Longer than any function lives, so that a claim only runs out when its owner is gone. */
const CLAIM_MS = 15 * 60_000
const RECORD_ATTEMPTS_MAX = 5

/** An operator may have paused the plan meanwhile: the result belongs into the state as it is then. */
async function record(autopilot: Autopilot, claimed: Kept, claim: Claim, outcome: Outcome): Promise<boolean> {
  const { name } = claimed.state.plan
  let kept = claimed
  for (let attempt = 0; attempt < RECORD_ATTEMPTS_MAX; attempt++) {
    const turn = recordOutcome(kept.state, claim, outcome, autopilot.clock.now())
    if (turn === null) return false
    if ((await commitTurn(autopilot, name, kept.revision, turn)) !== null) return true
    kept = await readPlan(autopilot, name)
  }
  return false
}

async function attempt(autopilot: Autopilot, state: PlanState, task: Task): Promise<Outcome> {
  const { actions } = autopilot
  const { collection } = task
  if (task.kind === 'roll-back') {
    const { to, rolloutPercent = 0 } = task.rollback
    if (to === undefined) return rollOut(autopilot, state, collection, rolloutPercent, ', turned back')
    return move(autopilot, state, collection, { direction: 'down', to, rolloutPercent })
  }
  const { action } = task
  switch (action.kind) {
    case 'none':
      return { kind: 'done', how: 'nothing-to-do' }
    case 'move':
      return move(autopilot, state, collection, { ...action, direction: 'up' })
    case 'rollout':
      return rollOut(autopilot, state, collection, action.rolloutPercent, '')
    case 'run':
      return { kind: 'run', ...(await actions.startRun(action.run, collection, keyOfRun(state, collection))) }
    case 'export':
      await actions.exportDocuments(collection)
      return { kind: 'done', how: 'exported' }
    case 'clean-up': {
      const run = await actions.cleanUp(collection, keyOfRun(state, collection))
      return run === undefined ? { kind: 'done', how: 'cleaned-up' } : { kind: 'run', runId: run.runId }
    }
  }
}

/** Setting a rollout to what it is changes nothing, so that it may be asked for twice. */
async function rollOut(
  { actions }: Autopilot,
  state: PlanState,
  component: string,
  percent: number,
  how: string,
): Promise<Outcome> {
  const reason = `plan ${state.plan.name}, step ${stepOf(state).name}${how}`
  const rollout = await actions.rollOut(component, percent, { by: 'autopilot', reason })
  const moved = rollout.before === rollout.after ? 'already-there' : `from ${rollout.before} % to ${rollout.after} %`
  return { kind: 'done', how: moved, rollout }
}

async function move(
  { actions }: Autopilot,
  state: PlanState,
  collection: string,
  { direction, to, rolloutPercent }: PlannedMove,
): Promise<Outcome> {
  const reason = `plan ${state.plan.name}, step ${stepOf(state).name}${direction === 'down' ? ', turned back' : ''}`
  const result = await actions.move(collection, { direction, to, rolloutPercent }, { by: 'autopilot', reason })
  return outcomeOfMove(result)
}

function outcomeOfMove(result: MoveResult): Outcome {
  if (result.kind === 'moved') return { kind: 'done', how: `moved from ${result.from}, epoch ${result.epoch}` }
  const { reason } = result
  if (reason === 'already-there') return { kind: 'done', how: reason }
  // A pass that completes later lifts this; the flags can also have gone since the gate was passed.
  if (reason === 'target-not-full' || reason === 'source-not-full') return { kind: 'blocked', why: reason }
  if (isForbidding(reason)) return { kind: 'blocked', why: reason }
  return { kind: 'refused', why: reason }
}

function outcomeOfError({ code }: CutoverError): Outcome {
  const passes = code === 'unavailable' || code === 'conflict' || code === 'contended' || code === 'outcome-unknown'
  return { kind: passes ? 'blocked' : 'refused', why: code }
}

/** The same after a crash, another for every entry into a step and every further start. */
function keyOfRun(state: PlanState, collection: string): string {
  return `${state.plan.name}-${state.entry}-${collection}-${startsOf(state, collection) + 1}`
}
