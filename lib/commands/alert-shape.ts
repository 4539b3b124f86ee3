import * as z from 'zod'
import { ALERT_SEVERITIES, ALERT_STATUSES, type Alert } from '../core/alert.js'

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

export function timeOf(at: number): string {
  return new Date(at).toISOString()
}
