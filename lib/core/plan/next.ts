import { type PlanAction, type PlanRollback, RUN_STARTS_MAX, subjectsOf } from './plan.js'
import { type PlanState, type PlanStatus, type Progress, stepOf } from './state.js'

/** What a plan does next. `tried`: collections that were tried in this tick and stay blocked until the next. */
export function nextOf(state: PlanState, now: number, tried: ReadonlySet<string> = new Set()): Next {
  const { status, claim, rollingBack } = state
  if (status === 'paused' || status === 'finished') return { kind: 'rest', status }
  if (claim !== null && now < claim.until) return { kind: 'busy', until: claim.until, collection: claim.collection }
  const { action, rollback } = stepOf(state)
  if (status !== 'running') {
    if (rollback === null || rollingBack.length === 0) return { kind: 'rest', status }
    const collection = rollingBack.find((candidate) => !tried.has(candidate))
    return collection === undefined
      ? { kind: 'blocked', blocked: state.blocked }
      : { kind: 'roll-back', collection, rollback }
  }
  const waiting = subjectsOf(state.plan, action).filter((member) => needsAct(state.progress[member]))
  if (waiting.length === 0) return { kind: 'weigh' }
  const collection = waiting.find((candidate) => !tried.has(candidate))
  return collection === undefined ? { kind: 'blocked', blocked: state.blocked } : { kind: 'act', collection, action }
}

export type Next =
  | { kind: 'rest'; status: PlanStatus }
  | { kind: 'busy'; until: number; collection: string }
  | { kind: 'roll-back'; collection: string; rollback: PlanRollback }
  | { kind: 'act'; collection: string; action: PlanAction }
  | { kind: 'blocked'; blocked: PlanState['blocked'] }
  | { kind: 'weigh' }

/** A failed or vanished run that may be started once more. A cancelled run was somebody's decision and stays. */
export function startsAgain(progress: Progress): boolean {
  return (
    progress.kind === 'run' &&
    (progress.status === 'failed' || progress.status === 'lost') &&
    progress.starts < RUN_STARTS_MAX
  )
}

function needsAct(progress: Progress | undefined): boolean {
  return progress === undefined || startsAgain(progress)
}
