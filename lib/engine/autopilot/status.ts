import { type Next, nextOf } from '../../core/plan/next.js'
import type { PlanStep } from '../../core/plan/plan.js'
import { type PlanDecision, type PlanState, stepOf } from '../../core/plan/state.js'
import { type Waits, waitsOfPlan } from '../../core/plan/waits.js'
import { soakLeftMs } from '../../core/plan/weigh.js'
import type { Autopilot } from './actions.js'
import { readPlan } from './kept.js'

export interface PlanReport {
  name: string
  collections: readonly string[]
  /** Those that a flag switches. */
  components: readonly string[]
  program: string | null
  status: PlanState['status']
  /** From 1. */
  stepNumber: number
  steps: number
  /** All of them, in order. */
  course: readonly PlanStep[]
  timeScale: number
  step: PlanStep
  stepStartedAt: number
  progress: PlanState['progress']
  blocked: PlanState['blocked']
  rollingBack: readonly string[]
  verdicts: PlanState['verdicts']
  weighedAt: number | null
  /** Real milliseconds; the whole soak as long as the action has not taken effect. */
  soakLeftMs: number
  next: Next
  /** What it waits for now, in words. */
  waits: Waits | null
  history: readonly PlanDecision[]
}

/** Where a plan stands, why it waits, and what it will do. Reads the ledger alone. */
export async function planStatus(autopilot: Autopilot, name: string): Promise<PlanReport> {
  const { state } = await readPlan(autopilot, name)
  const now = autopilot.clock.now()
  const { status, stepStartedAt, progress, blocked, rollingBack, verdicts, weighedAt, history } = state
  return {
    name,
    collections: state.plan.collections,
    components: state.plan.components ?? [],
    program: state.plan.program ?? null,
    status,
    stepNumber: state.stepIndex + 1,
    steps: state.plan.steps.length,
    course: state.plan.steps,
    timeScale: state.plan.timeScale,
    step: stepOf(state),
    stepStartedAt,
    progress,
    blocked,
    rollingBack,
    verdicts,
    weighedAt,
    soakLeftMs: soakLeftMs(state, now),
    next: nextOf(state, now),
    waits: waitsOfPlan(state, now),
    history,
  }
}
