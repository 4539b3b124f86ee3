import * as z from 'zod'
import { listDeadLetters as listLetters } from '../../../engine/runs/dead-letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, deadLetterShape } from '../../shapes.js'

export const listDeadLetters = command({
  name: 'list-dead-letters',
  summary: 'Records that were set aside, each with its last error.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}/dead-letters' },
  input: collectionInput.extend({
    after: z.string().optional().describe('Id to go on after'),
    limit: z.number().int().min(1).max(200).default(50),
  }),
  output: z.object({ items: z.array(deadLetterShape), next: z.string().nullable() }),
  run: ({ engine }: CommandContext, { collection, after, limit }) =>
    listLetters(engine, collection, after ?? null, limit),
})
