import * as z from 'zod'
import { ALERT_SEVERITIES, ALERT_STATUSES, type Alert } from '../core/alert.js'
import type { moveAlert } from '../engine/alerts/move.js'

export const alertShape = z.object({
  id: z.string(),
  about: z.string().describe('Of all alerts about one thing at most one is unresolved'),
  at: z.string().describe('When it was raised'),
  lastSeenAt: z.string(),
  count: z.number().int().describe('How often it was found; within a minute counts once'),
  severity: z.enum(ALERT_SEVERITIES),
  kind: z.string(),
  component: z.string().nullable(),
  message: z.string(),
  status: z.enum(ALERT_STATUSES),
  acknowledgedBy: z.string().nullable(),
  escalatesAt: z.string().nullable().describe('When it is escalated if nobody acknowledges it by then'),
  decision: z.string().nullable().describe('Id of the decision that raised it'),
  history: z.array(z.object({ to: z.enum(ALERT_STATUSES), at: z.string(), by: z.string(), reason: z.string() })),
  undelivered: z.number().int().describe('Messages about it that the webhook never took'),
})

/** Of those who move an alert at the same moment one does, and the others are told who did. */
export const movedAlertShape = alertShape.extend({
  changed: z.boolean().describe('false: it stood there already, or is resolved; nothing was done'),
  inWords: z.string().describe('Who brought it where it stands, when and why'),
})

export const alertInput = z.strictObject({ alertId: z.string().min(1).describe('Id of the alert') })

/** An alert as operators see it. */
export function shownAlert(alert: Alert): z.input<typeof alertShape> {
  const { escalateAfterMs, history, at, lastSeenAt, ...rest } = alert
  const escalatesAt = escalateAfterMs === null || alert.status !== 'open' ? null : timeOf(at + escalateAfterMs)
  return {
    ...rest,
    at: timeOf(at),
    lastSeenAt: timeOf(lastSeenAt),
    escalatesAt,
    history: history.map((move) => ({ ...move, at: timeOf(move.at) })),
  }
}

export function shownMovedAlert({
  kind,
  alert,
}: Awaited<ReturnType<typeof moveAlert>>): z.input<typeof movedAlertShape> {
  const last = alert.history.at(-1)
  const who =
    last === undefined
      ? `It is ${alert.status}`
      : `${last.by} ${DID[last.to]} it at ${timeOf(last.at)} (${last.reason})`
  const inWords = kind === 'moved' ? `${who}.` : `Nothing was done. ${who}.`
  return { ...shownAlert(alert), changed: kind === 'moved', inWords }
}

const DID = { open: 'raised', acknowledged: 'acknowledged', escalated: 'escalated', resolved: 'resolved' } as const

export function timeOf(at: number): string {
  return new Date(at).toISOString()
}
