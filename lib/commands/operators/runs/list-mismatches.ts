import * as z from 'zod'
import { keptMismatches } from '../../../engine/validate/mismatches.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { runInput } from '../../shapes.js'

export const listMismatches = command({
  name: 'list-mismatches',
  summary: 'What a validation found to differ, field by field, redacted as it was asked.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/runs/{runId}/mismatches' },
  input: runInput.extend({
    after: z.string().optional().describe('Id to go on after'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ items: z.array(z.looseObject({ id: z.string() })), next: z.string().nullable() }),
  run: async ({ engine }: CommandContext, { runId, after, limit }) => {
    const { items, end } = await keptMismatches(engine.ledger, runId, after ?? null, limit)
    return { items: items.map((item) => ({ ...item })), next: end ? null : (items.at(-1)?.id ?? null) }
  },
})
