import { CutoverError } from '../../core/error.js'
import { stepToGoOnAt } from '../../core/plan/operate.js'
import { takenDownBy } from '../../core/plan/plan.js'
import { type PlanState, stepOf } from '../../core/plan/state.js'
import type { CheckOutcome, SeenPhase, SeenPlan } from '../../core/program/advance.js'
import type { Phase } from '../../core/program/program.js'
import { isAtWork, type PhaseState, type ProgramState, phaseOf, planOf } from '../../core/program/state.js'
import { findPlan } from '../autopilot/kept.js'
import { sideBySide } from '../side-by-side.js'
import type { Programs } from './parts.js'

export interface Seen {
  phases: { [phase: string]: SeenPhase }
  plans: { [phase: string]: { revision: number; state: PlanState } }
}

/** Asks what there is to know of every phase that has begun. What does not answer is left out: nothing follows from it. */
export async function look(programs: Programs, state: ProgramState): Promise<Seen> {
  const seen: Seen = { phases: {}, plans: {} }
  await sideBySide(Object.entries(state.phases), async ([name, held]) => {
    const phase = phaseOf(state, name)
    if (!isAtWork(held) && held.status !== 'finished') return
    const setBack = held.status === 'turning-back' ? {} : await seeSetBack(programs, phase, held)
    const more = isAtWork(held) ? await seePhase(programs, state, phase, held, seen) : {}
    seen.phases[name] = { ...setBack, ...more }
  })
  return seen
}

async function seePhase(
  programs: Programs,
  state: ProgramState,
  phase: Phase,
  held: PhaseState,
  seen: Seen,
): Promise<SeenPhase> {
  if (held.status === 'checking') {
    const checks = await orAbsent(weighChecks(programs, state.program.name, phase, held))
    return checks === undefined ? {} : { checks }
  }
  const kept = await findPlan(programs.autopilot, planOf(state.program.name, phase.name, held.attempt))
  if (kept === null) return { plan: null }
  seen.plans[phase.name] = kept
  return { plan: seenPlan(kept.state) }
}

/** The worst of them decides, and the first that is so gives the reason. */
async function weighChecks(
  programs: Programs,
  program: string,
  phase: Phase,
  { attempt, checkedFrom }: PhaseState,
): Promise<CheckOutcome> {
  const plan = planOf(program, phase.name, attempt)
  const asked = phase.components.flatMap((component) =>
    phase.checks.map((check) => ({
      ...{ plan, program, phase: phase.name },
      ...{ component, check, since: checkedFrom ?? 0 },
    })),
  )
  const found = await sideBySide(asked, (one) => programs.check(one))
  const worst = found.find(({ outcome }) => outcome === 'fail') ?? found.find(({ outcome }) => outcome !== 'pass')
  // It waits for an operator where nothing may go back by itself.
  if (worst?.outcome === 'fail' && programs.autopilot.autoRollback === false)
    return { outcome: 'not-enough-evidence', because: `${worst.because}; nothing is rolled back by itself` }
  return worst ?? { outcome: 'pass', because: found.map(({ because }) => because).join('; ') }
}

/** Whoever rolls a component back has a reason, which holds for its phase. Absent: it cannot be told now. */
async function seeSetBack(
  programs: Programs,
  { components, course }: Phase,
  { status, startedAt, endedAt }: PhaseState,
): Promise<Pick<SeenPhase, 'setBack'>> {
  const found = await orAbsent(
    sideBySide(components, async (component) => {
      const rolledBack = startedAt === null ? null : await programs.rolledBack(component, startedAt)
      if (rolledBack !== null || status !== 'finished' || endedAt === null) return rolledBack
      // A plan at work asks the rules by its gates. Only what a flag switches can still go back once it is through.
      if (course.kind === 'week' || programs.autopilot.autoRollback === false) return null
      return programs.breach(component, endedAt)
    }),
  )
  return found === undefined ? {} : { setBack: found.find((why) => why !== null) ?? null }
}

function seenPlan(state: PlanState): SeenPlan {
  const { rollback } = stepOf(state)
  return {
    status: state.status,
    isRollingBack: state.rollingBack.length > 0,
    canGoBack: rollback !== null && takenDownBy(state.plan, rollback).length > 0,
    goesOnAt: stepToGoOnAt(state),
    because: reasonOf(state),
  }
}

/** The reason of a turning back, not of what it took down thereafter. */
function reasonOf({ history }: PlanState): string {
  const decided = history.filter(({ kind }) => kind !== 'plan-rolled-back' && kind !== 'plan-blocked')
  return decided.at(-1)?.reason ?? 'its plan says nothing'
}

/** What cannot be asked now is absent. Any other error is a fault and is shown. */
export async function orAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return undefined
    throw error
  }
}
