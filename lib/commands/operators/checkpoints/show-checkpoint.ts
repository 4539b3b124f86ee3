import * as z from 'zod'
import { findCheckpoint } from '../../../engine/checkpoints/find.js'
import { checkShape, entryShape, shownCheck, shownEntry } from '../../checkpoint-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const showCheckpoint = command({
  name: 'show-checkpoint',
  summary: 'A checkpoint or the whole check it belongs to, settled or not, with rules, numbers and examples.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/checkpoints/{checkpointId}' },
  input: z.strictObject({ checkpointId: z.string().min(1).max(200).describe('Id of a checkpoint, or of a check') }),
  output: z.union([checkShape.extend({ is: z.literal('check') }), entryShape.extend({ is: z.literal('checkpoint') })]),
  run: async ({ engine }: CommandContext, { checkpointId }) => {
    const found = await findCheckpoint(engine, checkpointId)
    if (found.is === 'check') return { is: 'check' as const, ...shownCheck(found.check) }
    return { is: 'checkpoint' as const, ...shownEntry(found.entry) }
  },
})
