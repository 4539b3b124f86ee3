import { startRun } from '../../../engine/runs/start.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput, runShape, shownRun } from '../../shapes.js'

export const checkZeroLoss = command({
  name: 'check-zero-loss',
  summary: 'Starts the check that proves every acknowledged record is on the target, and says how it knows.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/zero-loss' },
  input: collectionInput.extend({ reason: reasonInput.shape.reason.default('asked for') }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason }, caller) =>
    shownRun(
      await startRun(engine, { kind: 'validate', collection, input: { zeroLoss: true }, by: caller.name, reason }),
    ),
})
