import { moveAlert } from '../../../engine/alerts/move.js'
import { alertInput, movedAlertShape, shownMovedAlert } from '../../alert-shape.js'
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
  output: movedAlertShape,
  run: async ({ engine }: CommandContext, { alertId, reason }, caller) => {
    const mover = { by: caller.name, reason, decided: true } as const
    return shownMovedAlert(await moveAlert(engine, alertId, 'acknowledge-alert', mover))
  },
})
