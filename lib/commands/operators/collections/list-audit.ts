import * as z from 'zod'
import { readAudit } from '../../../engine/audit.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { periodInput, periodOf } from '../../shapes.js'

export const listAudit = command({
  name: 'list-audit',
  summary: 'The audit trail, newest first: who changed what, when and why.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/audit' },
  input: z.strictObject({
    before: z.string().optional().describe('Position to go on before'),
    collection: z.string().optional(),
    action: z.string().optional(),
    by: z.string().optional().describe('Who did it'),
    ...periodInput.shape,
    limit: z.number().int().min(1).max(500).default(100),
  }),
  output: z.object({
    items: z.array(
      z.object({
        position: z.string(),
        at: z.string(),
        by: z.string(),
        action: z.string(),
        collection: z.string().nullable(),
        reason: z.string(),
        before: z.unknown(),
        after: z.unknown(),
      }),
    ),
    next: z.string().nullable(),
  }),
  run: ({ engine }: CommandContext, { since, until, ...input }) =>
    readAudit(engine.ledger, { ...input, ...periodOf({ since, until }) }),
})
