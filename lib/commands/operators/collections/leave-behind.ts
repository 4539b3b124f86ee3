import * as z from 'zod'
import { collectionOf } from '../../../engine/context.js'
import { leaveBehind as leave } from '../../../engine/stages/leave-behind.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput, stageShape } from '../../shapes.js'

export const leaveBehind = command({
  name: 'leave-behind',
  summary: 'One store cannot be reached: strict stages go on with the other one alone, without a lost write.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/leave-behind' },
  input: collectionInput.extend({ ...reasonInput.shape, lost: z.enum(['source', 'target']) }),
  output: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('moved'),
      from: stageShape.nullable().describe('The furthest stage before; null: a hold was ended'),
      to: stageShape,
      epoch: z.number().int(),
    }),
    z.object({ kind: z.literal('refused'), reason: z.string() }),
  ]),
  run: ({ engine }: CommandContext, { collection, lost, reason }, caller) =>
    leave(engine, collectionOf(engine, collection), lost, { by: caller.name, reason }),
})
