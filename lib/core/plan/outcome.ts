import { type Claim, decided, type PlanState, type Progress, stepOf, type Turn } from './state.js'

/** What came of an action on one collection. */
export type Outcome =
  | { kind: 'done'; how: string; rollout?: { before: number; after: number } }
  | { kind: 'run'; runId: string }
  /** Not now: it is tried again at the next tick. */
  | { kind: 'blocked'; why: string }
  /** Never, as things stand. */
  | { kind: 'refused'; why: string }

/**
 * Records what came of the action that `claim` was taken for. `null`: the claim is not held any more, since it had run
 * out and another tick has taken over; the action is idempotent and its result is recorded there.
 */
export function recordOutcome(state: PlanState, claim: Claim, outcome: Outcome, now: number): Turn | null {
  if (state.claim?.id !== claim.id) return null
  const freed: PlanState = { ...state, claim: null }
  const { collection } = claim
  if (outcome.kind === 'blocked') {
    const after = { ...freed, blocked: { ...state.blocked, [collection]: outcome.why } }
    if (state.blocked[collection] === outcome.why) return { state: after, decision: null }
    return note(state, after, 'plan-blocked', claim, `${taskOf(state, claim)} waits: ${outcome.why}`, now)
  }
  const cleared: PlanState = { ...freed, blocked: without(state.blocked, collection) }
  const after =
    claim.kind === 'roll-back'
      ? { ...cleared, rollingBack: state.rollingBack.filter((name) => name !== collection) }
      : cleared
  if (outcome.kind === 'refused') {
    const failed: PlanState = { ...after, status: 'failed' }
    return note(state, failed, 'plan-failed', claim, `${taskOf(state, claim)} was refused: ${outcome.why}`, now)
  }
  if (claim.kind === 'roll-back')
    return note(state, after, 'plan-rolled-back', claim, `${taskOf(state, claim)}: ${textOf(outcome)}`, now, outcome)
  const progressed = { ...after, progress: { ...state.progress, [collection]: progressOf(state, claim, outcome, now) } }
  return note(state, progressed, 'plan-acted', claim, `${taskOf(state, claim)}: ${textOf(outcome)}`, now, outcome)
}

function progressOf(
  state: PlanState,
  { collection }: Claim,
  outcome: Extract<Outcome, { kind: 'done' | 'run' }>,
  now: number,
): Progress {
  if (outcome.kind === 'done') return { kind: 'done', at: now, how: outcome.how }
  return { kind: 'run', runId: outcome.runId, starts: startsOf(state, collection) + 1, status: 'running' }
}

/** How often the step has started a run for the collection. */
export function startsOf(state: PlanState, collection: string): number {
  const progress = state.progress[collection]
  return progress?.kind === 'run' ? progress.starts : 0
}

/** Such as `move to live 10 % of projects`. */
function taskOf(state: PlanState, { kind, collection }: Claim): string {
  const { action, rollback } = stepOf(state)
  if (kind === 'roll-back')
    return `roll back to ${rollback?.to ?? (rollback === null ? 'nothing' : `${rollback.rolloutPercent} %`)} of ${collection}`
  if (action.kind === 'rollout') return `rollout to ${action.rolloutPercent} % of ${collection}`
  if (action.kind === 'move') return `move to ${action.to} ${action.rolloutPercent} % of ${collection}`
  return `${action.kind === 'run' ? action.run : action.kind} of ${collection}`
}

function textOf(outcome: Extract<Outcome, { kind: 'done' | 'run' }>): string {
  return outcome.kind === 'done' ? outcome.how : `run ${outcome.runId} started`
}

function note(
  before: PlanState,
  after: PlanState,
  kind: 'plan-acted' | 'plan-blocked' | 'plan-failed' | 'plan-rolled-back',
  { collection }: Claim,
  reason: string,
  at: number,
  outcome?: Outcome,
): Turn {
  const rollout = outcome?.kind === 'done' && outcome.rollout !== undefined ? { rollout: outcome.rollout } : {}
  return decided(before, after, { kind, at, by: 'autopilot', collection, reason, ...rollout })
}

function without(blocked: PlanState['blocked'], collection: string): PlanState['blocked'] {
  return Object.fromEntries(Object.entries(blocked).filter(([name]) => name !== collection))
}
