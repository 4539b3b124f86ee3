import * as z from 'zod'
import { explanationOf } from '../../../engine/checkpoints/find.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const explainCheckpoint = command({
  name: 'explain-checkpoint',
  summary: 'Why a checkpoint ended as it did, in sentences: what was asked, by which rule, what was found.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/checkpoints/{checkpointId}/explanation' },
  input: z.strictObject({ checkpointId: z.string().min(1).max(200).describe('Id of a checkpoint, or of a check') }),
  output: z.object({ sentences: z.array(z.string()), rules: z.array(z.unknown()), numbers: z.array(z.unknown()) }),
  run: ({ engine }: CommandContext, { checkpointId }) => explanationOf(engine, checkpointId),
})
