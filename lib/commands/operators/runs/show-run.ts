import { readRun } from '../../../engine/runs/store.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { runInput, runShape, shownRun } from '../../shapes.js'

export const showRun = command({
  name: 'show-run',
  summary: 'One run: progress, counts, rate, time left.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/runs/{runId}' },
  input: runInput,
  output: runShape,
  run: async ({ engine }: CommandContext, { runId }) => shownRun((await readRun(engine.ledger, runId)).run),
})
