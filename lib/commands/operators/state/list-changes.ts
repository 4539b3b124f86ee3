import * as z from 'zod'
import { CHANGE_KINDS, changesAfter, LIMIT_MAX } from '../../../engine/state/changes.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const listChanges = command({
  name: 'list-changes',
  summary: 'What happened since a position, in order; without one, the position of now. What the event stream sends.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/changes' },
  input: z.strictObject({
    after: z
      .string()
      .regex(/^\d{1,16}-\d{1,4}$/)
      .optional()
      .describe('Position to go on after'),
    limit: z.number().int().min(1).max(LIMIT_MAX).default(LIMIT_MAX),
  }),
  output: z.object({
    items: z.array(
      z.object({ position: z.string(), kind: z.enum(CHANGE_KINDS), entry: z.record(z.string(), z.unknown()) }),
    ),
    position: z.string().describe('Where to go on'),
    more: z.boolean().describe('There is more now'),
  }),
  run: ({ engine }: CommandContext, { after, limit }) => changesAfter(engine.ledger, after ?? null, { limit }),
})
