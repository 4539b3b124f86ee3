import * as z from 'zod'
import { checkEntries } from '../../../engine/checkpoints/entries.js'
import { kindShape, outcomeShape, timeOf } from '../../checkpoint-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const listChecks = command({
  name: 'list-checks',
  summary: 'What checkpoints that were asked for together have come to, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/checks' },
  input: z.strictObject({
    component: z.string().optional(),
    outcome: outcomeShape.optional(),
    phase: z.string().optional(),
    cursor: z.string().optional().describe('Where to go on: "next" of the answer before'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    items: z.array(
      z.object({
        checkId: z.string(),
        at: z.string(),
        component: z.string(),
        phase: z.string().nullable(),
        name: z.string().nullable(),
        outcome: outcomeShape,
        checkpoints: z.array(z.object({ id: z.string(), kind: kindShape, outcome: outcomeShape })),
        by: z.string(),
        reason: z.string(),
      }),
    ),
    next: z.string().nullable(),
  }),
  run: async ({ engine }: CommandContext, { cursor, ...query }) => {
    const { items, next } = await checkEntries(engine.ledger, { ...query, before: cursor })
    const shown = items.map(({ at, id, component, phase, name, outcome, checkpoints, by, reason }) => {
      return { checkId: id, at: timeOf(at), component, phase, name, outcome, checkpoints, by, reason }
    })
    return { items: shown, next }
  },
})
