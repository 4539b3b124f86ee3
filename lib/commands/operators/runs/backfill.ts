import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, limitsInput, reasonInput, runShape, shownRun, stated } from '../../shapes.js'

export const backfill = command({
  name: 'backfill',
  summary: 'Starts a complete pass: every record to the same copy in both stores.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/backfill' },
  input: collectionInput.extend({
    reason: reasonInput.shape.reason.default('asked for'),
    ...limitsInput.shape,
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason, ...limits }, caller) => {
    const input = stated(limits)
    return shownRun(await startRun(engine, { kind: 'backfill', collection, input, by: caller.name, reason }))
  },
})
