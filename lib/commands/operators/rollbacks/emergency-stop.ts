import * as z from 'zod'
import { emergencyStop as stop } from '../../../engine/rollback/emergency-stop.js'
import { rehearseStop } from '../../../engine/rollback/emergency-stop-rehearsal.js'
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
  input: reasonInput.extend({
    rehearsal: z.boolean().optional().describe('Says what would be stopped and turned back, and changes nothing'),
  }),
  output: stopReportShape,
  run: async ({ engine }: CommandContext, { reason, rehearsal }, caller) => {
    const { stopped, ...report } = await (rehearsal ? rehearseStop : stop)(engine, { by: caller.name, reason })
    return { ...report, ...shownStopped(stopped) }
  },
})
