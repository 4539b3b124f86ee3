import { appliesTo } from './applies.js'
import { type Evidence, explain, type Finding, type Verdict } from './evidence.js'
import { evaluateGate, ofRollout } from './gate.js'
import { startsAgain } from './next.js'
import { membersOf, type PlanAction, subjectsOf, takenDownBy } from './plan.js'
import {
  countsFrom,
  decided,
  enterStep,
  type PlanState,
  type Progress,
  type RunStatus,
  stepOf,
  type Turn,
} from './state.js'

/** What was found out for a weighing, per collection. */
export interface Found {
  /** State of the runs that are not over; `lost`: nobody knows the run. Absent: it could not be asked. */
  runs: { readonly [collection: string]: RunStatus | 'lost' }
  evidence: { readonly [collection: string]: Evidence | null }
}

export type Weighed = Turn & { kind: 'advanced' | 'finished' | 'turned-back' | 'waits'; reason: string }

/**
 * Decides whether a step is left, taken back, or waits. It is left only when its action is done, every condition
 * passes for every collection and the soak time is over. One fail is enough to turn back.
 */
export function weighStep(before: PlanState, found: Found, now: number, autoRollback: boolean): Weighed {
  const state = withRuns(before, found.runs)
  const step = stepOf(state)
  const verdicts = verdictsOf(state, found, now)
  const weighed = { ...state, verdicts, weighedAt: now }
  const inputs = { at: now, by: 'autopilot', verdicts, evidence: found.evidence }
  const failed = verdicts.filter(({ outcome }) => outcome === 'fail')
  const open = verdicts.filter(({ outcome }) => outcome === 'not-enough-evidence')
  if (failed.length > 0 && step.onFail === 'turn-back' && step.rollback !== null && autoRollback) {
    const reason = failed.map(explain).join('; ')
    const after = turnBack(weighed)
    return { kind: 'turned-back', reason, ...decided(before, after, { ...inputs, kind: 'plan-turned-back', reason }) }
  }
  if (failed.length === 0 && open.length === 0) {
    const reason = verdicts.map(explain).join('; ')
    const after = leaveStep(weighed, now)
    const kind = after.status === 'finished' ? 'finished' : 'advanced'
    return { kind, reason, ...decided(before, after, { ...inputs, kind: `plan-${kind}`, reason }) }
  }
  const turns = failed.length > 0 && step.onFail === 'turn-back' ? ' (automatic rollback is off)' : ''
  const reason = `${[...failed, ...open].map(explain).join('; ')}${turns}`
  if (before.weighedAt !== null && signature(before.verdicts) === signature(verdicts))
    return { kind: 'waits', reason, state: weighed, decision: null }
  return { kind: 'waits', reason, ...decided(before, weighed, { ...inputs, kind: 'plan-waits', reason }) }
}

/** The state after a turning back was decided: nothing goes on, and all that the step's rollback concerns is taken down. */
export function turnBack(state: PlanState): PlanState {
  const { rollback } = stepOf(state)
  const rollingBack = rollback === null ? [] : takenDownBy(state.plan, rollback)
  return { ...state, status: 'turned-back', rollingBack, blocked: {}, claim: null }
}

/** The state in the next step, or after the last. */
export function leaveStep(state: PlanState, now: number): PlanState {
  if (state.stepIndex + 1 < state.plan.steps.length) return enterStep(state, state.stepIndex + 1, now)
  return { ...state, status: 'finished', claim: null, blocked: {}, rollingBack: [] }
}

/** Milliseconds of real time until the soak is over. */
export function soakLeftMs(state: PlanState, now: number): number {
  const { action } = stepOf(state)
  const needed = stepOf(state).soakMs / state.plan.timeScale
  if (subjectsOf(state.plan, action).some((member) => state.progress[member] === undefined)) return needed
  return Math.max(0, needed - (now - countsFrom(state)))
}

function verdictsOf(state: PlanState, { evidence }: Found, now: number): Verdict[] {
  const { action, gate, soakMs } = stepOf(state)
  const since = countsFrom(state)
  const leftMs = soakLeftMs(state, now)
  const soak: Verdict = {
    collection: null,
    condition: { kind: 'soak' },
    outcome: leftMs > 0 ? 'not-enough-evidence' : 'pass',
    because: leftMs > 0 ? 'soaking' : 'soak-elapsed',
    numbers: { leftMs, neededMs: soakMs / state.plan.timeScale },
  }
  const subjects = subjectsOf(state.plan, action)
  const perMember = membersOf(state.plan).flatMap((collection): Verdict[] => {
    const progress = state.progress[collection]
    const ownRuns = progress?.kind === 'run' ? [progress.runId] : []
    const acts = subjects.includes(collection) || action.kind === 'none'
    const done: Verdict = { collection, condition: { kind: 'action-done' }, ...ofAction(action, progress) }
    // What is measured before the action (which one acted on has taken, or a run has at least begun) says nothing.
    if (subjects.includes(collection) && progress === undefined) return [done]
    const kind = state.plan.collections.includes(collection) ? 'collection' : 'flag'
    const found = evidence[collection] ?? null
    const asked = gate.filter((condition) => appliesTo(condition, kind))
    const weighed = evaluateGate(asked, found, { collection, since, ownRuns })
    const held =
      action.kind === 'rollout' && subjects.includes(collection)
        ? [ofRollout(collection, action.rolloutPercent, found, since)]
        : []
    return [...(acts ? [done] : []), ...weighed, ...held]
  })
  return [...perMember, soak]
}

function ofAction(action: PlanAction, progress: Progress | undefined): Finding {
  if (action.kind === 'none' || progress?.kind === 'done')
    return { outcome: 'pass', because: 'action-done', numbers: {} }
  if (progress === undefined) return { outcome: 'not-enough-evidence', because: 'action-under-way', numbers: {} }
  const { runId, starts, status } = progress
  const numbers = { runId, starts }
  if (status === 'complete') return { outcome: 'pass', because: 'action-done', numbers }
  if (status === 'cancelled') return { outcome: 'fail', because: 'run-cancelled', numbers }
  if (startsAgain(progress)) return { outcome: 'not-enough-evidence', because: 'run-starts-again', numbers }
  if (status === 'failed' || status === 'lost') return { outcome: 'fail', because: 'run-failed', numbers }
  return { outcome: 'not-enough-evidence', because: 'action-under-way', numbers }
}

function withRuns(state: PlanState, runs: Found['runs']): PlanState {
  const progress = Object.entries(state.progress).map(([collection, held]): [string, Progress] => {
    const status = runs[collection]
    return [collection, held.kind === 'run' && status !== undefined ? { ...held, status } : held]
  })
  return { ...state, progress: Object.fromEntries(progress) }
}

/** Equal for two weighings that came to the same; their numbers may differ. */
function signature(verdicts: readonly Verdict[]): string {
  return verdicts
    .map(({ collection, condition, outcome, because }) => `${collection} ${condition.kind} ${outcome} ${because}`)
    .join('\n')
}
