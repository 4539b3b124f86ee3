import * as z from 'zod'
import { CAUSES, ROLLBACK_STATUSES } from '../../../core/rollback/rollback.js'
import { listRollbacks as list } from '../../../engine/rollback/list.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { rollbackShape, shownRollback } from '../../rollback-shape.js'

export const listRollbacks = command({
  name: 'list-rollbacks',
  summary: 'The history of rollbacks, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/rollbacks' },
  input: z.strictObject({
    component: z.string().optional(),
    status: z.enum(ROLLBACK_STATUSES).optional(),
    cause: z.enum(CAUSES).optional(),
    cursor: z
      .string()
      .regex(/^rb-\d{13}-\w{1,36}$/)
      .optional()
      .describe('The `next` of the page before'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({
    items: z.array(rollbackShape),
    next: z.string().nullable().describe('Where to go on; null at the end'),
  }),
  run: async ({ engine }: CommandContext, query) => {
    const { items, next } = await list(engine, query)
    return { items: items.map(shownRollback), next }
  },
})
