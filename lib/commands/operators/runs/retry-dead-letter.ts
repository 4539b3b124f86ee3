import * as z from 'zod'
import { retryDeadLetter as retryLetter } from '../../../engine/runs/dead-letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput } from '../../shapes.js'

export const retryDeadLetter = command({
  name: 'retry-dead-letter',
  summary: 'Tries a record that was set aside again.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/dead-letters/{id}/retry' },
  input: collectionInput.extend({ id: z.string().min(1), reason: reasonInput.shape.reason.default('asked for') }),
  output: z.object({ kind: z.enum(['settled', 'dropped', 'still-failing']), error: z.string().nullable() }),
  run: ({ engine }: CommandContext, { collection, id, reason }, caller) =>
    retryLetter(engine, collection, id, { by: caller.name, reason }),
})
