import { type Alert, type AlertMove, alertEvent, movedAlert } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import { auditEntry } from '../audit.js'
import { stateEntry } from '../state/journal.js'
import { type AlertContext, CLOSED, keyOfAbout, noSuchAlert, OPEN, readAlert, writing } from './kept.js'
import { withMessage } from './raise.js'

export type AlertAction = 'acknowledge-alert' | 'escalate-alert' | 'resolve-alert'

const TO = { 'acknowledge-alert': 'acknowledged', 'escalate-alert': 'escalated', 'resolve-alert': 'resolved' } as const

export interface AlertMover {
  by: string
  reason: string
  /** Entered in the audit trail: somebody decided it. */
  decided?: true
}

const ATTEMPTS_MAX = 5

/** Brings an alert where `action` says; one that stands there already, or is resolved, stays as it is. */
export async function moveAlert(
  context: AlertContext,
  id: string,
  action: AlertAction,
  { by, reason, decided }: AlertMover,
): Promise<{ kind: 'moved' | 'unchanged'; alert: Alert }> {
  const { ledger, clock } = context
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await readAlert(context, id)
    if (held === null) throw noSuchAlert(id)
    const move: AlertMove = { to: TO[action], at: clock.now(), by, reason }
    const alert = movedAlert(held.alert, move)
    if (alert === null) return { kind: 'unchanged', alert: held.alert }
    const entries = [stateEntry('alert-event', alertEvent(alert, move))]
    if (decided) {
      const [before, after] = [{ status: held.alert.status }, { alert: id, status: alert.status }]
      const collection = alert.component
      entries.push(auditEntry({ at: move.at, by, action, collection, reason, before, after }))
    }
    const changes =
      alert.status === 'resolved'
        ? [{ key: held.key, ifRevision: held.revision, value: undefined }, writing(CLOSED + id, null, alert)]
        : [writing(OPEN + id, held.revision, alert)]
    const told = alert.status === 'acknowledged' ? null : (`alert.${alert.status as 'escalated' | 'resolved'}` as const)
    const kept = { changes, entries, told: () => {} }
    const whole = told === null ? kept : withMessage(context, kept, told, alert)
    const answer = await ledger.commit(whole.changes, whole.entries)
    if (answer.kind === 'conflict') continue
    whole.told()
    return { kind: 'moved', alert }
  }
  throw new CutoverError('contended', `The alert ${id} is moved by too many at once. Try again.`)
}

/** Resolves the alert about something, if there is one unresolved. */
export async function resolveAbout(context: AlertContext, about: string, mover: AlertMover): Promise<void> {
  const held = await context.ledger.read(keyOfAbout(about))
  if (held === null) return
  const { id } = held.value as { id: string }
  if ((await context.ledger.read(OPEN + id)) === null) return
  await moveAlert(context, id, 'resolve-alert', mover)
}
