import type { AlertNews } from '../../core/alert.js'
import type { AuditEntry } from '../audit.js'

/** What an entry of the audit trail is to alerts; `null`: nothing. */
export type OfEntry = { kind: 'raise'; news: AlertNews } | { kind: 'resolve'; about: string } | null

/**
 * Alerts of what the trail tells of anyway: runs that failed or pause for want of quota, stores that were found to
 * differ, plans and programs that turned back or failed, rollbacks that ended.
 */
export function alertOfEntry(entry: AuditEntry & { plan?: unknown }, position: string): OfEntry {
  const { action, collection: component, reason } = entry
  const [before, after] = [membersOf(entry.before), membersOf(entry.after)]
  const runId = textOf(before.runId)
  const once = true as const
  switch (action) {
    case 'end-backfill':
    case 'end-validate':
    case 'end-clean-up':
    case 'end-back-up':
    case 'end-check-backup':
    case 'end-restore':
      return after.status === 'failed'
        ? runFailed({ action, component, reason, runId }, membersOf(after.counters))
        : null
    case 'pause-run': {
      if (entry.by !== 'cutover') return null
      const message = `The run ${runId} of ${component} pauses, for the store refuses more until its quota is raised: ${reason}`
      const news = { severity: 'critical', kind: 'quota-pause', component, message } as const
      return { kind: 'raise', news: { about: aboutQuota(runId), ...news } }
    }
    case 'resume-run':
    case 'cancel-run':
      return { kind: 'resolve', about: aboutQuota(runId) }
    case 'plan-turned-back':
    case 'plan-failed': {
      const what = action === 'plan-failed' ? 'failed' : 'turned back'
      const message = `The plan ${textOf(entry.plan)} has ${what}: ${reason}`
      return {
        kind: 'raise',
        news: { about: `${action}-${position}`, once, severity: 'critical', kind: action, component, message },
      }
    }
    case 'end-rollback': {
      const id = textOf(before.rollbackId)
      const about = aboutRollback(id)
      if (after.status === 'completed') {
        const message = `${component} was rolled back (${id}): ${reason}`
        return { kind: 'raise', news: { about, once, severity: 'info', kind: 'rolled-back', component, message } }
      }
      if (after.status !== 'failed') return null
      const message = `The rollback ${id} of ${component} has failed: ${textOf(after.inWords)}`
      return { kind: 'raise', news: { about, once, severity: 'critical', kind: 'rollback-failed', component, message } }
    }
    default:
      return null
  }
}

/** What the alert that tells how a rollback ended is about. */
export function aboutRollback(id: string): string {
  return `rollback-${id}`
}

function aboutQuota(runId: string): string {
  return `quota-pause-${runId}`
}

function runFailed(
  { action, component, reason, runId }: { action: string; component: string | null; reason: string; runId: string },
  { mismatched, repaired = 0 }: { [member: string]: unknown },
): OfEntry {
  const kindOfRun = action.slice('end-'.length)
  const differs = kindOfRun === 'validate' && Number(mismatched ?? 0) > Number(repaired)
  const about = `run-failed-${runId}`
  if (differs) {
    const message = `The stores of ${component} differ, as the validation ${runId} has found: ${reason}`
    const news = { about, severity: 'critical', kind: 'integrity-violation', component, message } as const
    return { kind: 'raise', news: { ...news, once: true } }
  }
  const message = `The ${kindOfRun} ${runId} of ${component} has failed: ${reason}`
  const news = { about, severity: 'warning', kind: 'run-failed', component, message } as const
  return { kind: 'raise', news: { ...news, once: true } }
}

function membersOf(value: unknown): { [member: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { [member: string]: unknown }) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : 'unknown'
}
