import { pauseRun as pause } from '../../../engine/runs/steer.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput, runInput, runShape, shownRun } from '../../shapes.js'

export const pauseRun = command({
  name: 'pause-run',
  summary: 'Pauses a run after the batch it is at.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/runs/{runId}/pause' },
  input: runInput.extend({ reason: reasonInput.shape.reason.default('asked for') }),
  output: runShape,
  run: async ({ engine }: CommandContext, { runId, reason }, caller) =>
    shownRun(await pause(engine, { runId, by: caller.name, reason })),
})
