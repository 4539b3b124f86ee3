import * as z from 'zod'
import { ALERT_SEVERITIES, ALERT_STATUSES } from '../../../core/alert.js'
import { listAlerts as readAlerts } from '../../../engine/alerts/list.js'
import { alertShape, shownAlert } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const listAlerts = command({
  name: 'list-alerts',
  summary: 'Alerts, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/alerts' },
  input: z.strictObject({
    severity: z.enum(ALERT_SEVERITIES).optional(),
    status: z.enum([...ALERT_STATUSES, 'unresolved']).optional(),
    component: z.string().optional(),
    cursor: z
      .string()
      .regex(/^\d{14}-\w{1,36}$/)
      .optional()
      .describe('The `next` of the page before'),
    limit: z.number().int().min(1).max(200).default(100),
  }),
  output: z.object({
    items: z.array(alertShape),
    next: z.string().nullable().describe('Where to go on; null at the end'),
  }),
  run: async ({ engine }: CommandContext, query) => {
    const { items, next } = await readAlerts(engine, query)
    return { items: items.map(shownAlert), next }
  },
})
