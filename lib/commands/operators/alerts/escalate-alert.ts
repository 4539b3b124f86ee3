import { moveAlert } from '../../../engine/alerts/move.js'
import { alertInput, movedAlertShape, shownMovedAlert } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'

export const escalateAlert = command({
  name: 'escalate-alert',
  summary: 'Brings an alert to whoever is next in line: the webhook is told again, as escalated.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/alerts/{alertId}/escalate' },
  input: alertInput.extend(reasonInput.shape),
  output: movedAlertShape,
  run: async ({ engine }: CommandContext, { alertId, reason }, caller) => {
    const mover = { by: caller.name, reason, decided: true } as const
    return shownMovedAlert(await moveAlert(engine, alertId, 'escalate-alert', mover))
  },
})
