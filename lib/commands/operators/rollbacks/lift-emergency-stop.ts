import * as z from 'zod'
import { liftStop } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { shownStopped, stoppedShape } from '../../stopped-shape.js'

export const liftEmergencyStop = command({
  name: 'lift-emergency-stop',
  summary: 'Things may advance again after an emergency stop; nothing that was stopped begins by itself.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/emergency-stop/lift' },
  input: reasonInput,
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('lifted'), stop: stoppedShape }),
    z.object({ kind: z.literal('refused'), reason: z.literal('not-stopped') }),
  ]),
  run: async ({ engine }: CommandContext, { reason }, caller) => {
    const lifted = await liftStop(engine, { by: caller.name, reason })
    if (lifted === null) return { kind: 'refused' as const, reason: 'not-stopped' as const }
    return { kind: 'lifted' as const, stop: shownStopped(lifted) }
  },
})
