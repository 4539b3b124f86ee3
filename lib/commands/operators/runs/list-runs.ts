import * as z from 'zod'
import { listRuns as listRunsOf } from '../../../engine/runs/store.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { runShape, shownRun } from '../../shapes.js'

export const listRuns = command({
  name: 'list-runs',
  summary: 'Runs, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/runs' },
  input: z.strictObject({
    collection: z.string().optional(),
    active: z.boolean().default(false).describe('Only runs that have not ended'),
    settled: z.boolean().default(false).describe('Only runs that have ended, or are paused'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.array(runShape),
  run: async ({ engine }: CommandContext, input) => (await listRunsOf(engine.ledger, input)).map(shownRun),
})
