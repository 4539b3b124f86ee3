import { noSuchAlert, readAlert } from '../../../engine/alerts/kept.js'
import { alertInput, alertShape, shownAlert } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const showAlert = command({
  name: 'show-alert',
  summary: 'One alert, with everything that became of it.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/alerts/{alertId}' },
  input: alertInput,
  output: alertShape,
  run: async ({ engine }: CommandContext, { alertId }) => {
    const held = await readAlert(engine, alertId)
    if (held === null) throw noSuchAlert(alertId)
    return shownAlert(held.alert)
  },
})
