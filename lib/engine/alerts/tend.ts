import { mustEscalate } from '../../core/alert.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { RETENTION } from '../../core/state/kinds.js'
import type { EngineContext } from '../context.js'
import { followTrail } from './follow-trail.js'
import { type AlertContext, CLOSED, keyOfAbout, olderThan } from './kept.js'
import { listAlerts } from './list.js'
import { moveAlert } from './move.js'
import { sendDue } from './outbox.js'

/**
 * The turn of alerts: what the audit trail tells is raised, what nobody has acknowledged in time is escalated, messages that are due are sent, and what was
 * resolved long ago is forgotten. Run twice at once it does each thing once: an alert is moved and a message is claimed
 * by compare-and-swap.
 */
export async function tendAlerts(context: EngineContext, deadlineAt: number): Promise<Json> {
  const raised = await followTrail(context)
  const escalated = await escalateDue(context)
  const sent = await sendDue(context, deadlineAt)
  return { raised, escalated, ...sent, forgotten: await forgetAlerts(context) }
}

const PAGE = 200
const PAGES_MAX = 10

async function escalateDue(context: AlertContext): Promise<number> {
  let escalated = 0
  let cursor: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, next } = await listAlerts(context, { status: 'open', cursor, limit: PAGE })
    for (const alert of items.filter((one) => mustEscalate(one, context.clock.now()))) {
      const minutes = Math.round((alert.escalateAfterMs ?? 0) / 60_000)
      const reason = `nobody has acknowledged it within ${minutes} min`
      const { kind } = await moveAlert(context, alert.id, 'escalate-alert', { by: 'monitor', reason }).catch(ifGone)
      if (kind === 'moved') escalated += 1
    }
    if (next === null) break
    cursor = next
  }
  return escalated
}

/** Somebody else has moved it meanwhile. */
function ifGone(error: unknown): { kind: 'unchanged' } {
  if (error instanceof CutoverError && (error.code === 'contended' || error.code === 'not-found'))
    return { kind: 'unchanged' }
  throw error
}

export const FORGOTTEN_AT_ONCE = 50

export function forgettableAlerts(now: number): string {
  return olderThan(CLOSED, RETENTION['alert-event'].days, now)
}

/** Removes some of what was resolved longer ago than alerts are kept; unresolved ones are never forgotten. */
async function forgetAlerts({ ledger, clock }: AlertContext): Promise<number> {
  const { items } = await ledger.list(CLOSED, forgettableAlerts(clock.now()), FORGOTTEN_AT_ONCE)
  let forgotten = 0
  for (const { key, revision, value } of items) {
    const { about, id } = value as { about: string; id: string }
    const pointer = await ledger.read(keyOfAbout(about))
    const changes = [{ key, ifRevision: revision, value: undefined }]
    if ((pointer?.value as { id: string } | undefined)?.id === id)
      changes.push({ key: keyOfAbout(about), ifRevision: pointer?.revision ?? 0, value: undefined })
    if ((await ledger.commit(changes)).kind === 'committed') forgotten += 1
  }
  return forgotten
}
