import { cancelRun as cancel } from '../../../engine/runs/steer.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput, runInput, runShape, shownRun } from '../../shapes.js'

export const cancelRun = command({
  name: 'cancel-run',
  summary: 'Ends a run; what it has moved stays moved.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/runs/{runId}/cancel' },
  input: runInput.extend({ reason: reasonInput.shape.reason.default('asked for') }),
  output: runShape,
  run: async ({ engine }: CommandContext, { runId, reason }, caller) =>
    shownRun(await cancel(engine, { runId, by: caller.name, reason })),
})
