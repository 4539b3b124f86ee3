import * as z from 'zod'
import { findLetters } from '../../../engine/runs/letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { deadLetterShape } from '../../shapes.js'

export const letterFilter = z.strictObject({
  collection: z.string().min(1).optional().describe('Of this collection alone'),
  code: z.string().min(1).optional().describe('Whose last error had this code, such as too-large'),
  runId: z.string().min(1).optional().describe('That this run set aside'),
  before: z.number().int().optional().describe('Set aside before this moment, in wall-clock milliseconds'),
  after: z.string().optional().describe('Where to go on: next of the answer before'),
  limit: z.number().int().min(1).max(200).default(50),
})

export const findDeadLetters = command({
  name: 'find-dead-letters',
  summary: 'Records that were set aside, of all collections, by collection, error, run or time.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/dead-letters' },
  input: letterFilter,
  output: z.object({
    items: z.array(deadLetterShape),
    next: z.string().nullable().describe('Where to go on; null at the end'),
  }),
  run: ({ engine }: CommandContext, { after, limit, ...filter }) => findLetters(engine, filter, after ?? null, limit),
})

export const manyShape = z.object({
  dryRun: z.boolean(),
  matched: z.number().int(),
  settled: z.number().int(),
  dropped: z.number().int(),
  stillFailing: z.number().int(),
  skipped: z.number().int().describe('Somebody else was at them'),
  records: z.array(z.object({ collection: z.string(), id: z.string() })),
  next: z.string().nullable().describe('Where to go on; null: all that match were seen'),
  stoppedBy: z.string().nullable().describe('Why it ended early'),
})
