import * as z from 'zod'
import { readStopped } from '../../../engine/rollback/stopped.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { shownStopped, stoppedShape } from '../../stopped-shape.js'

export const showEmergencyStop = command({
  name: 'show-emergency-stop',
  summary: 'Whether an emergency stop stands, who called for it and why, and what of it is not done yet.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/emergency-stop' },
  input: z.strictObject({}),
  output: z.discriminatedUnion('kind', [z.object({ kind: z.literal('none') }), stoppedShape]),
  run: async ({ engine }: CommandContext) => {
    const stopped = await readStopped(engine)
    return stopped === null ? { kind: 'none' as const } : shownStopped(stopped)
  },
})
