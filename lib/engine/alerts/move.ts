import { type Alert, type AlertMove, alertEvent, movedAlert } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import { auditEntry } from '../audit.js'
import { stateEntry } from '../state/journal.js'
import {
  type AlertContext,
  CLOSED,
  type HeldAlert,
  keyOfAbout,
  noSuchAlert,
  OPEN,
  readAlert,
  type ToCommit,
  writing,
} from './kept.js'
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
  mover: AlertMover,
): Promise<{ kind: 'moved' | 'unchanged'; alert: Alert }> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const held = await readAlert(context, id)
    if (held === null) throw noSuchAlert(id)
    const moving = prepareMove(context, held, action, mover)
    if (moving === null) return { kind: 'unchanged', alert: held.alert }
    const answer = await context.ledger.commit(moving.changes, moving.entries)
    if (answer.kind === 'conflict') continue
    moving.told()
    return { kind: 'moved', alert: moving.alert }
  }
  throw new CutoverError('contended', `The alert ${id} is moved by too many at once. Try again.`)
}

/** What has to be committed for the alert about something to be resolved; `null`: there is none unresolved. */
export async function prepareResolution(
  context: AlertContext,
  about: string,
  mover: AlertMover,
): Promise<(ToCommit & { alert: Alert }) | null> {
  const pointer = await context.ledger.read(keyOfAbout(about))
  if (pointer === null) return null
  const { id } = pointer.value as { id: string }
  const held = await context.ledger.read(OPEN + id)
  if (held === null) return null
  const open = { key: OPEN + id, revision: held.revision, alert: held.value as unknown as Alert }
  return prepareMove(context, open, 'resolve-alert', mover)
}

/** Resolves the alert about something, if there is one unresolved. */
export async function resolveAbout(context: AlertContext, about: string, mover: AlertMover): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const resolving = await prepareResolution(context, about, mover)
    if (resolving === null) return
    if ((await context.ledger.commit(resolving.changes, resolving.entries)).kind === 'conflict') continue
    resolving.told()
    return
  }
}

function prepareMove(
  context: AlertContext,
  held: HeldAlert,
  action: AlertAction,
  { by, reason, decided }: AlertMover,
): (ToCommit & { alert: Alert }) | null {
  const move: AlertMove = { to: TO[action], at: context.clock.now(), by, reason }
  const alert = movedAlert(held.alert, move)
  if (alert === null) return null
  const entries = [stateEntry('alert-event', alertEvent(alert, move))]
  if (decided) {
    const [before, after] = [{ status: held.alert.status }, { alert: alert.id, status: alert.status }]
    entries.push(auditEntry({ at: move.at, by, action, collection: alert.component, reason, before, after }))
  }
  const resolved = move.to === 'resolved'
  const changes = resolved
    ? [{ key: held.key, ifRevision: held.revision, value: undefined }, writing(CLOSED + alert.id, null, alert)]
    : [writing(OPEN + alert.id, held.revision, alert)]
  const kept = { alert, changes, entries, told: () => {} }
  if (move.to === 'acknowledged') return kept
  return withMessage(context, kept, resolved ? 'alert.resolved' : 'alert.escalated', alert)
}
