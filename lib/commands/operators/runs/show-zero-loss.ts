import * as z from 'zod'
import { CutoverError } from '../../../core/error.js'
import { collectionOf } from '../../../engine/context.js'
import { latestZeroLoss } from '../../../engine/validate/zero-loss.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, stageShape } from '../../shapes.js'

export const showZeroLoss = command({
  name: 'show-zero-loss',
  summary: 'The conclusion of the latest zero-loss check, and how it is known.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}/zero-loss' },
  input: collectionInput,
  output: z.object({
    proved: z.boolean(),
    because: z.array(z.string()),
    collection: z.string(),
    stage: stageShape,
    epoch: z.number().int(),
    epochs: z.array(z.number().int()).optional().describe('Of each partition'),
    records: z.number().int(),
    checkedAt: z.number(),
    runId: z.string(),
  }),
  run: async ({ engine }: CommandContext, { collection }) => {
    const latest = await latestZeroLoss(engine, collectionOf(engine, collection))
    if (latest !== null) return latest
    throw new CutoverError(
      'not-found',
      `No zero-loss check of ${collection} has ended yet. Start one with check-zero-loss.`,
    )
  },
})
