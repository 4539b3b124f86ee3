import type * as z from 'zod'
import { explain } from '../core/plan/evidence.js'
import type { PlanStep } from '../core/plan/plan.js'
import { actionInWords, rollbackInWords } from '../core/plan/step-words.js'
import { conditionInWords } from '../core/plan/waits.js'
import type { PlanReport } from '../engine/autopilot/status.js'
import type { planShape } from './autopilot.js'

type Shown = z.input<typeof planShape>

/** A plan as operators see it: where it stands, what it waits for, and what it has decided. */
export function shownPlan(report: PlanReport): Shown {
  const {
    name,
    collections,
    components,
    program,
    status,
    stepNumber,
    steps,
    step,
    course,
    timeScale,
    soakLeftMs,
    verdicts,
    waits,
    blocked,
    history,
  } = report
  return {
    name,
    collections: [...collections],
    components: [...components],
    program,
    status,
    stepNumber,
    steps,
    step: step.name,
    course: course.map(shownStep),
    timeScale,
    soakLeftMs,
    waitsFor: verdicts.filter(({ outcome }) => outcome !== 'pass').map(explain),
    waiting: waits === null ? null : { ...waits, since: new Date(waits.since).toISOString() },
    blocked: { ...blocked },
    history: history.map(({ kind, at, by, after, reason }) => ({
      kind,
      at: new Date(at).toISOString(),
      by,
      step: after.step,
      reason,
    })),
  }
}

function shownStep({ name, day, action, gate, soakMs, onFail, rollback }: PlanStep): Shown['course'][number] {
  const back = rollback === null ? null : rollbackInWords(rollback)
  return { name, day, does: actionInWords(action), gate: gate.map(conditionInWords), soakMs, onFail, back }
}
