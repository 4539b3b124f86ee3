import * as z from 'zod'
import { checkpointEntries } from '../../../engine/checkpoints/entries.js'
import { entryShape, kindShape, outcomeShape, shownEntry } from '../../checkpoint-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const listCheckpoints = command({
  name: 'list-checkpoints',
  summary: 'Settled checkpoints, newest first, with what they were decided from.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/checkpoints' },
  input: z.strictObject({
    component: z.string().optional(),
    kind: kindShape.optional(),
    outcome: outcomeShape.optional(),
    phase: z.string().optional(),
    since: z.iso.datetime({ offset: true }).optional().describe('Not settled before, such as 2026-01-31T12:00:00Z'),
    cursor: z.string().optional().describe('Where to go on: "next" of the answer before'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ items: z.array(entryShape), next: z.string().nullable() }),
  run: async ({ engine }: CommandContext, { since, cursor, ...query }) => {
    const { items, next } = await checkpointEntries(engine.ledger, {
      ...query,
      before: cursor,
      since: since === undefined ? undefined : Date.parse(since),
    })
    return { items: items.map(shownEntry), next }
  },
})
