import { moveAlert } from '../../../engine/alerts/move.js'
import { alertInput, alertShape, shownAlert } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'

export const acknowledgeAlert = command({
  name: 'acknowledge-alert',
  summary: 'Says that somebody looks after an alert: it is not escalated by itself any more.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/alerts/{alertId}/acknowledge' },
  input: alertInput.extend({ reason: reasonInput.shape.reason.default('somebody looks after it') }),
  output: alertShape,
  run: async ({ engine }: CommandContext, { alertId, reason }, caller) => {
    const mover = { by: caller.name, reason, decided: true } as const
    return shownAlert((await moveAlert(engine, alertId, 'acknowledge-alert', mover)).alert)
  },
})
