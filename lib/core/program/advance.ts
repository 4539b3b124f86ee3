import { dependentsOf } from './program.js'
import {
  isAtWork,
  isDone,
  type PhaseState,
  type ProgramNote,
  type ProgramState,
  phaseOf,
  phaseStateOf,
  withPhase,
} from './state.js'

/** What was found out of a phase that has begun. */
export interface SeenPhase {
  /** `null`: the plan was not begun yet. Absent: it could not be asked. */
  plan?: SeenPlan | null
  /** Of a phase that is being checked. Absent: it could not be asked. */
  checks?: CheckOutcome
  /** Why it must go back whatever its plan says: a component was rolled back by others, or is in breach. */
  setBack?: string | null
}

export interface SeenPlan {
  status: 'running' | 'paused' | 'turned-back' | 'finished' | 'failed'
  /** It still has to take something down. */
  isRollingBack: boolean
  /** The step where it stands can be taken back. */
  canGoBack: boolean
  /** The step at which another attempt would begin. */
  goesOnAt: number
  because: string
}

export interface CheckOutcome {
  outcome: 'pass' | 'fail' | 'not-enough-evidence'
  because: string
}

export interface Advanced {
  state: ProgramState
  /** Empty: nothing has changed. */
  notes: ProgramNote[]
}

/**
 * Where a running program stands after what was seen. Nothing follows from what could not be asked. Asked again with the
 * same, it answers the same, and asked with what has not changed since, it changes nothing.
 */
export function advanceProgram(
  before: ProgramState,
  seen: { readonly [phase: string]: SeenPhase },
  now: number,
): Advanced {
  if (before.status !== 'running') return { state: before, notes: [] }
  let at: Advanced = { state: before, notes: [] }
  for (const { name } of before.program.phases) at = follow(at, name, seen[name] ?? {}, now)
  for (const { name } of before.program.phases) at = beginIfDue(at, name, now)
  return ending(at, now)
}

function follow(at: Advanced, name: string, { plan, checks, setBack }: SeenPhase, now: number): Advanced {
  const phase = phaseStateOf(at.state, name)
  const { status } = phase
  if (setBack != null && (status === 'running' || status === 'checking' || status === 'finished'))
    return turnPhaseBack(at, name, setBack, BY, now)
  // Turned back along with another phase in this very look: what was seen is from before.
  switch (phase.status) {
    case 'running':
      return plan == null ? at : followPlan(at, name, plan, now)
    case 'checking':
      if (checks === undefined || checks.outcome === 'not-enough-evidence') return at
      if (checks.outcome === 'fail') return turnPhaseBack(at, name, checks.because, BY, now)
      return change(
        at,
        name,
        { status: 'finished', endedAt: now, because: null },
        'phase-finished',
        checks.because,
        now,
      )
    case 'turning-back':
      return plan === undefined ? at : followBack(at, name, phase, plan, now)
    default:
      return at
  }
}

const BY = 'programs'

function followPlan(at: Advanced, name: string, plan: SeenPlan, now: number): Advanced {
  const { because } = plan
  if (plan.status === 'turned-back') return turnPhaseBack(at, name, because, BY, now)
  if (plan.status === 'failed')
    return change(at, name, { status: 'failed', endedAt: now, because }, 'phase-failed', because, now)
  if (plan.status !== 'finished') return at
  const { checks } = phaseOf(at.state, name)
  if (checks.length === 0)
    return change(at, name, { status: 'finished', endedAt: now, because: null }, 'phase-finished', because, now)
  const reason = `its plan is through; to be checked: ${checks.join(', ')}`
  return change(at, name, { status: 'checking', checkedFrom: now, because: null }, 'phase-checking', reason, now)
}

function followBack(at: Advanced, name: string, phase: PhaseState, plan: SeenPlan | null, now: number): Advanced {
  const because = phase.because ?? 'turned back'
  if (plan === null) return wentBack(at, name, phase, 0, now)
  if (plan.isRollingBack) return at
  if (plan.status === 'turned-back') return wentBack(at, name, phase, plan.goesOnAt, now)
  // A plan at work that cannot go back is ended first, so that it lets its components go.
  const isStuck = plan.status === 'failed' || (plan.status === 'finished' && !plan.canGoBack)
  if (!isStuck) return at
  const why = plan.canGoBack ? plan.because : 'there is no way back from where it is'
  const reason = `${because}; and it could not be turned back: ${why}`
  return change(at, name, { status: 'failed', endedAt: now, because: reason }, 'phase-failed', reason, now)
}

/** One that went back because of another begins again by itself once that one is done. */
function wentBack(at: Advanced, name: string, phase: PhaseState, startAt: number, now: number): Advanced {
  const because = phase.because ?? 'turned back'
  const status = phase.along === true ? 'waiting' : 'turned-back'
  return change(at, name, { status, startAt, along: false, endedAt: now, because }, 'phase-turned-back', because, now)
}

/** The phase, and with it those that depend on it if it says so, are to be turned back. */
export function turnPhaseBack(at: Advanced, name: string, reason: string, by: string, now: number): Advanced {
  let after = change(at, name, { status: 'turning-back', because: reason }, 'phase-turning-back', reason, now, by)
  if (phaseOf(at.state, name).onFail !== 'turn-back-dependents') return after
  const dependents = dependentsOf(at.state.program, name)
  for (const { name: other } of at.state.program.phases) {
    const { status } = phaseStateOf(after.state, other)
    if (!dependents.has(other) || status === 'turning-back' || !(isAtWork({ status }) || status === 'finished'))
      continue
    const because = `it depends on ${name}, which was turned back: ${reason}`
    const turned = { status: 'turning-back', along: true, because } as const
    after = change(after, other, turned, 'phase-turning-back', because, now, by)
  }
  return after
}

function beginIfDue(at: Advanced, name: string, now: number): Advanced {
  const { state } = at
  if (phaseStateOf(state, name).status !== 'waiting') return at
  const { dependsOn } = phaseOf(state, name)
  if (!dependsOn.every((before) => isDone(phaseStateOf(state, before)))) return at
  const atWork = Object.values(state.phases).filter(isAtWork).length
  if (atWork >= state.program.parallel) return at
  const attempt = phaseStateOf(state, name).attempt + 1
  const begun = { status: 'running', attempt, startedAt: now, endedAt: null, checkedFrom: null, because: null } as const
  const reason = dependsOn.length === 0 ? 'it depends on nothing' : `done: ${dependsOn.join(', ')}`
  return change(at, name, begun, 'phase-began', reason, now)
}

function ending(at: Advanced, now: number): Advanced {
  const phases = Object.entries(at.state.phases)
  if (phases.some(([, phase]) => isAtWork(phase))) return at
  if (phases.every(([, phase]) => isDone(phase)))
    return end(at, 'finished', 'every phase is finished, or was skipped', now)
  const named = phases.filter(([, { status }]) => status === 'turned-back' || status === 'failed')
  const waiting = phases.filter(([, { status }]) => status === 'waiting').map(([name]) => name)
  const reason = named.map(([name, { status }]) => `${name} is ${status}`).join(', ')
  const waits = waiting.length === 0 ? '' : `; for that wait ${waiting.join(', ')}`
  return named.length === 0 ? at : end(at, 'failed', `${reason}${waits}`, now)
}

function end({ state, notes }: Advanced, status: 'finished' | 'failed', because: string, at: number): Advanced {
  const note = { at, by: BY, kind: `program-${status}`, phase: null, reason: because }
  return { state: { ...state, status, because, endedAt: at }, notes: [...notes, note] }
}

function change(
  { state, notes }: Advanced,
  phase: string,
  change: Partial<PhaseState>,
  kind: string,
  reason: string,
  at: number,
  by = BY,
): Advanced {
  return { state: withPhase(state, phase, change), notes: [...notes, { at, by, kind, phase, reason }] }
}
