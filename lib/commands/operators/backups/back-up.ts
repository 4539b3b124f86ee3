import * as z from 'zod'
import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, limitsInput, reasonInput, runShape, shownRun, stated } from '../../shapes.js'

export const backUp = command({
  name: 'back-up',
  summary: 'Starts a back-up of a collection, which is read back and checked before it counts as one.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/back-up' },
  input: collectionInput.extend({
    reason: reasonInput.shape.reason.default('asked for'),
    sealed: z.boolean().default(false).describe('Encrypt it with the first key of CUTOVER_BACKUP_KEY'),
    keep: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Afterwards delete what is older than this many validated ones; default: delete nothing'),
    ...limitsInput.shape,
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason, ...rest }, caller) => {
    const input = stated(rest)
    return shownRun(await startRun(engine, { kind: 'back-up', collection, input, by: caller.name, reason }))
  },
})
