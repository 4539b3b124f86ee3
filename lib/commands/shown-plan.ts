import type * as z from 'zod'
import { explain } from '../core/plan/evidence.js'
import type { PlanReport } from '../engine/autopilot/status.js'
import type { planShape } from './autopilot.js'

/** A plan as operators see it: where it stands, what it waits for, and what it has decided. */
export function shownPlan(report: PlanReport): z.input<typeof planShape> {
  const {
    name,
    collections,
    components,
    program,
    status,
    stepNumber,
    steps,
    step,
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
