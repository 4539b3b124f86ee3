import * as z from 'zod'
import { checkGivingUp } from '../../../engine/checkpoints/giving-up.js'
import { collectionOf } from '../../../engine/context.js'
import { mustBeComplete, QUIET_MS_MAX } from '../../../engine/finish/clean-up.js'
import { startRun } from '../../../engine/runs/start.js'
import { acceptRiskInput } from '../../accept-risk.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput, runShape, shownRun } from '../../shapes.js'

export const cleanUp = command({
  name: 'clean-up',
  summary:
    "After the last day: leaves only the application's own data at the target. There is no way back by stages from there.",
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/clean-up' },
  input: collectionInput.extend({
    ...reasonInput.shape,
    ...acceptRiskInput.shape,
    quietMs: z
      .number()
      .int()
      .min(0)
      .max(QUIET_MS_MAX)
      .optional()
      .describe('Time for the last instance to hear of it; default 15 minutes'),
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason, quietMs, acceptRisk }, caller) => {
    // A risk that is taken is entered before anything is done: what is refused anyway asks for none.
    await mustBeComplete(collectionOf(engine, collection))
    await checkGivingUp(engine, { collection, action: 'clean-up', acceptRisk }, { by: caller.name, reason })
    const input = quietMs === undefined ? {} : { quietMs }
    return shownRun(await startRun(engine, { kind: 'clean-up', collection, input, by: caller.name, reason }))
  },
})
