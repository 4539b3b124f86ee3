import * as z from 'zod'
import { acknowledgeAlert as acknowledge } from '../../../engine/alerts.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { alertShape } from '../../shapes.js'

export const acknowledgeAlert = command({
  name: 'acknowledge-alert',
  summary: 'Says that somebody looks after an alert.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/alerts/{alertId}/acknowledge' },
  input: z.strictObject({ alertId: z.string().min(1) }),
  output: alertShape,
  run: ({ engine }: CommandContext, { alertId }, caller) => acknowledge(engine, alertId, caller.name),
})
