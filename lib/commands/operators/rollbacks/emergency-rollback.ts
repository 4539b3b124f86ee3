import * as z from 'zod'
import { emergencyRollback as rollBackAll } from '../../../engine/stages/emergency.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { movedShape, reasonInput } from '../../shapes.js'

const failedShape = z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() })

export const emergencyRollback = command({
  name: 'emergency-rollback',
  summary:
    'Every collection back as far as is safe at once; a target that does not answer is left behind where that is enabled.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/emergency-rollback' },
  input: reasonInput,
  output: z.object({
    moves: z.array(z.object({ collection: z.string(), result: z.union([movedShape, failedShape]) })),
  }),
  run: async ({ engine }: CommandContext, { reason }, caller) => ({
    moves: await rollBackAll(engine, { by: caller.name, reason }),
  }),
})
