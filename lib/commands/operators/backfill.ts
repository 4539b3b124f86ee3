import * as z from 'zod'
import { PACE_MIN } from '../../core/run.js'
import { startRun } from '../../engine/runs/start.js'
import { command } from '../command.js'
import type { CommandContext } from '../context.js'
import { collectionInput, reasonInput, runShape, shownRun } from '../shapes.js'

export const backfill = command({
  name: 'backfill',
  summary: 'Starts a complete pass: every record to the same copy in both stores.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/backfill' },
  input: collectionInput.extend({
    reason: reasonInput.shape.reason.default('asked for'),
    recordsPerSecondMax: z.number().min(PACE_MIN).optional().describe('Pace limit'),
  }),
  output: runShape,
  run: async ({ engine }: CommandContext, { collection, reason, recordsPerSecondMax }, caller) => {
    const input = recordsPerSecondMax === undefined ? {} : { recordsPerSecondMax }
    return shownRun(await startRun(engine, { kind: 'backfill', collection, input, by: caller.name, reason }))
  },
})
