import { explain } from '../../core/plan/evidence.js'
import type { PlanAction } from '../../core/plan/plan.js'
import { type PlanState, stepOf } from '../../core/plan/state.js'
import { soakLeftMs } from '../../core/plan/weigh.js'
import type { Phase } from '../../core/program/program.js'
import { isAtWork, isDone, type PhaseState, type ProgramState, phaseStateOf, planOf } from '../../core/program/state.js'
import { findPlan } from '../autopilot/kept.js'
import { sideBySide } from '../side-by-side.js'
import { readProgram } from './kept.js'
import type { Programs } from './parts.js'

export interface ProgramReport {
  state: ProgramState
  phases: PhaseReport[]
}

export interface PhaseReport {
  phase: Phase
  state: PhaseState
  /** The plan of the latest attempt; `null`: there was none. */
  plan: string | null
  /** Where that plan stands. */
  step: { name: string; number: number; of: number; soakLeftMs: number } | null
  /** In words. Empty: for nothing. */
  waitsFor: string[]
  /** What comes next, in words. */
  next: string
}

/** Where a program stands, what each phase waits for, and what comes next. Reads the ledger alone. */
export async function programReport(programs: Programs, name: string): Promise<ProgramReport> {
  const { state } = await readProgram(programs.autopilot.ledger, name)
  const now = programs.autopilot.clock.now()
  const phases = await sideBySide(state.program.phases, async (phase): Promise<PhaseReport> => {
    const held = phaseStateOf(state, phase.name)
    const plan = held.attempt === 0 ? null : planOf(name, phase.name, held.attempt)
    const kept = plan === null ? null : await findPlan(programs.autopilot, plan)
    return {
      phase,
      state: held,
      plan: kept === null ? null : plan,
      step: kept === null ? null : stepAt(kept.state, now),
      waitsFor: waitsFor(state, phase, held, kept?.state ?? null, now),
      next: nextOf(state, phase, held, kept?.state ?? null),
    }
  })
  return { state, phases }
}

function stepAt(plan: PlanState, now: number): PhaseReport['step'] {
  const soaking = plan.status === 'running' ? soakLeftMs(plan, now) : 0
  return { name: stepOf(plan).name, number: plan.stepIndex + 1, of: plan.plan.steps.length, soakLeftMs: soaking }
}

function waitsFor(state: ProgramState, phase: Phase, held: PhaseState, plan: PlanState | null, now: number): string[] {
  const { status, program } = state
  const ended = status === 'paused' || status === 'failed' || status === 'cancelled'
  const held1 = ended ? [`the program, which is ${status}`] : []
  switch (held.status) {
    case 'waiting': {
      const open = phase.dependsOn.filter((name) => !isDone(phaseStateOf(state, name)))
      const before = open.map((name) => `the phase ${name}, which is ${phaseStateOf(state, name).status}`)
      const atWork = Object.values(state.phases).filter(isAtWork).length
      const crowd =
        open.length === 0 && atWork >= program.parallel ? [`one of the ${program.parallel} phases at work to end`] : []
      return [...held1, ...before, ...crowd]
    }
    case 'running':
      return [...held1, ...(plan === null ? ['its plan to begin'] : waitsOfPlan(plan, now))]
    case 'checking':
      return [...held1, ...phase.checks.map((check) => `the check ${check} of ${phase.components.join(', ')}`)]
    case 'turning-back':
      return [...held1, ...(plan?.rollingBack ?? []).map((component) => `${component} to be taken back`)]
    case 'turned-back':
    case 'failed':
      return ['somebody who retries or skips it']
    default:
      return []
  }
}

function waitsOfPlan(plan: PlanState, now: number): string[] {
  if (plan.status === 'paused') return ['its plan, which is paused']
  const blocked = Object.entries(plan.blocked).map(([component, why]) => `${component}: ${why}`)
  const open = plan.verdicts.filter(({ outcome, condition }) => outcome !== 'pass' && condition.kind !== 'soak')
  const leftMs = soakLeftMs(plan, now)
  const soak = leftMs > 0 ? [`${Math.ceil(leftMs / 1000)} seconds of soak time`] : []
  return [...blocked, ...open.map(explain), ...soak]
}

function nextOf(state: ProgramState, phase: Phase, held: PhaseState, plan: PlanState | null): string {
  switch (held.status) {
    case 'waiting':
      return state.status === 'running' ? 'it begins once all that it depends on is done' : 'nothing'
    case 'running':
      return plan === null ? 'its plan begins' : nextOfPlan(plan, phase)
    case 'checking':
      return 'it is finished when every check has passed, and turned back when one fails'
    case 'turning-back':
      return held.along === true ? 'it begins again after the phase that it was turned back with' : 'it stays back'
    case 'turned-back':
    case 'failed':
      return 'nothing, until it is retried or skipped'
    default:
      return 'nothing'
  }
}

function nextOfPlan(plan: PlanState, { checks }: Phase): string {
  const following = plan.plan.steps[plan.stepIndex + 1]
  if (following !== undefined) return `the step ${following.name}: ${inWords(following.action)}`
  return checks.length === 0 ? 'the phase is finished' : `the checks ${checks.join(', ')}`
}

function inWords(action: PlanAction): string {
  switch (action.kind) {
    case 'none':
      return 'nothing but its gate'
    case 'move':
      return `move to ${action.to} ${action.rolloutPercent} %`
    case 'rollout':
      return `rollout to ${action.rolloutPercent} %`
    case 'run':
      return action.run
    default:
      return action.kind
  }
}
