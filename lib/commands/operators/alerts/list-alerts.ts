import * as z from 'zod'
import { listAlerts as readAlerts } from '../../../engine/alerts.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { alertShape } from '../../shapes.js'

export const listAlerts = command({
  name: 'list-alerts',
  summary: 'Alerts, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/alerts' },
  input: z.strictObject({ limit: z.number().int().min(1).max(200).default(100) }),
  output: z.array(alertShape),
  run: ({ engine }: CommandContext, { limit }) => readAlerts(engine, limit),
})
