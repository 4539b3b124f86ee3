import { emergencyStop as stop } from '../../../engine/rollback/emergency-stop.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { shownStopped, stopReportShape } from '../../stopped-shape.js'

export const emergencyStop = command({
  name: 'emergency-stop',
  summary:
    'Stops everything: flags off, collections back as far as is safe at once, runs cancelled, plans and programs failed; nothing advances until it is lifted.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/emergency-stop' },
  input: reasonInput,
  output: stopReportShape,
  run: async ({ engine }: CommandContext, { reason }, caller) => {
    const { stopped, ...report } = await stop(engine, { by: caller.name, reason })
    return { ...report, ...shownStopped(stopped) }
  },
})
