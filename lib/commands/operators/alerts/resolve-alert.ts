import { moveAlert } from '../../../engine/alerts/move.js'
import { alertInput, movedAlertShape, shownMovedAlert } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'

export const resolveAlert = command({
  name: 'resolve-alert',
  summary: 'Closes an alert: what it tells of is over.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/alerts/{alertId}/resolve' },
  input: alertInput.extend(reasonInput.shape),
  output: movedAlertShape,
  run: async ({ engine }: CommandContext, { alertId, reason }, caller) => {
    const mover = { by: caller.name, reason, decided: true } as const
    return shownMovedAlert(await moveAlert(engine, alertId, 'resolve-alert', mover))
  },
})
