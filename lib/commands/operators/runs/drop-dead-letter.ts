import * as z from 'zod'
import { dropDeadLetter as dropLetter } from '../../../engine/runs/dead-letters.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput } from '../../shapes.js'

export const dropDeadLetter = command({
  name: 'drop-dead-letter',
  summary: 'Takes a record off the list of those set aside; the next pass will try it again.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/dead-letters/{id}/drop' },
  input: collectionInput.extend({ id: z.string().min(1), reason: reasonInput.shape.reason.default('asked for') }),
  output: z.object({ kind: z.enum(['settled', 'dropped', 'still-failing']), error: z.string().nullable() }),
  run: ({ engine }: CommandContext, { collection, id, reason }, caller) =>
    dropLetter(engine, collection, id, { by: caller.name, reason }),
})
