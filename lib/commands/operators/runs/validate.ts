import * as z from 'zod'
import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, limitsInput, reasonInput, runShape, shownRun, stated } from '../../shapes.js'

export const validate = command({
  name: 'validate',
  summary: 'Starts a comparison of everything in both stores, in both directions; repairs if asked.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/validate' },
  input: collectionInput.extend({
    reason: reasonInput.shape.reason.default('asked for'),
    repair: z.boolean().default(false).describe('Bring records that differ to the same copy'),
    redact: z
      .array(z.string())
      .max(50)
      .default([])
      .describe('Paths whose values are not shown, such as $.token or **.secret'),
    mismatchesKept: z.number().int().min(0).max(1000).default(100),
    ...limitsInput.shape,
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason, ...input }, caller) =>
    shownRun(await startRun(engine, { kind: 'validate', collection, input: stated(input), by: caller.name, reason })),
})
