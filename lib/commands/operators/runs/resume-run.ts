import { resumeRun as resume } from '../../../engine/runs/steer.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput, runInput, runShape, shownRun } from '../../shapes.js'

export const resumeRun = command({
  name: 'resume-run',
  summary: 'Resumes a paused run where it stood.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/runs/{runId}/resume' },
  input: runInput.extend({ reason: reasonInput.shape.reason.default('asked for') }),
  output: runShape,
  run: async ({ engine }: CommandContext, { runId, reason }, caller) =>
    shownRun(await resume(engine, { runId, by: caller.name, reason })),
})
