import type { AlertNews } from '../../core/alert.js'
import type { Json } from '../../core/json.js'
import type { Rollback, RollbackStep } from '../../core/rollback/rollback.js'
import type { Entry } from '../../ports/ledger.js'
import { aboutRollback } from '../alerts/of-entry.js'
import { auditEntry } from '../audit.js'
import { stateEntry } from '../state/journal.js'

/** What the history says of a change: that it began, each step, and how it ended. */
export function told(before: Rollback | null, after: Rollback): Entry[] {
  const { id, component, procedure, cause, by, reason } = after
  const about = { component, rollbackId: id }
  const entries: Entry[] = []
  if (before === null) {
    const { startedAt: at, from } = after
    entries.push(stateEntry('rollback-event', { at, ...about, event: 'began', procedure, cause, by, reason, from }))
  }
  for (const [number, step] of after.steps.entries()) {
    const was = before?.steps[number]
    if (was?.status === step.status || step.status === 'to-do') continue
    const at = step.endedAt ?? step.startedAt ?? after.startedAt
    entries.push(stateEntry('rollback-event', { at, ...about, event: 'step', number: number + 1, ...shownStep(step) }))
  }
  if (after.status !== 'under-way' && before?.status !== after.status) {
    const { endedAt, startedAt, status, inWords } = after
    const at = endedAt ?? startedAt
    entries.push(
      stateEntry('rollback-event', { at, ...about, event: 'ended', status, inWords, tookMs: at - startedAt }),
    )
    const shown = { rollbackId: id, status, inWords }
    entries.push(
      auditEntry({
        at,
        by,
        action: 'end-rollback',
        collection: component,
        reason,
        before: { rollbackId: id },
        after: shown,
      }),
    )
  }
  return entries
}

function shownStep({ step, status, note, runId }: RollbackStep): { [member: string]: unknown } {
  return { step, status, note, runId }
}

/** For the audit trail. */
export function beginning({ id, component, procedure, cause, by, reason, startedAt, from }: Rollback): Entry {
  const after = { rollbackId: id, procedure, cause: cause.kind, decision: cause.decision ?? null }
  const before = from as unknown as Json
  return auditEntry({ at: startedAt, by, action: 'roll-back-component', collection: component, reason, before, after })
}

/** What people are told when it has ended; of those that somebody ended they know. */
export function newsOf({ id, component, status, inWords, reason, by, cause }: Rollback): AlertNews | null {
  if (status !== 'completed' && status !== 'failed') return null
  const failed = status === 'failed'
  return {
    about: aboutRollback(id),
    ...(cause.decision === undefined ? {} : { decision: cause.decision }),
    // What was breached has an alert of its own; that the way back is done is good news.
    severity: failed ? 'critical' : 'info',
    kind: failed ? 'rollback-failed' : 'rolled-back',
    component,
    message: `${component} ${failed ? 'could not be' : 'was'} rolled back for ${by} (${reason}). ${inWords}`,
    once: true,
  }
}
