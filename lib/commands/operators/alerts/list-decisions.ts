import * as z from 'zod'
import { listDecisions as readDecisions } from '../../../engine/monitor/decisions.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { decisionShape, shownDecision } from '../../rule-shape.js'

export const listDecisions = command({
  name: 'list-decisions',
  summary: 'What rules came to, newest first: each change, and what stayed as it was once an hour.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/decisions' },
  input: z.strictObject({
    component: z.string().optional(),
    rule: z.string().optional(),
    outcome: decisionShape.shape.outcome.optional(),
    event: decisionShape.shape.event.optional(),
    cursor: z
      .string()
      .regex(/^\d{14}-\w{1,36}$/)
      .optional()
      .describe('The `next` of the page before'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    items: z.array(decisionShape),
    next: z.string().nullable().describe('Where to go on; null at the end'),
  }),
  run: async ({ engine }: CommandContext, query) => {
    const { items, next } = await readDecisions(engine, query)
    return { items: items.map(shownDecision), next }
  },
})
