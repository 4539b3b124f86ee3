import * as z from 'zod'
import { collectionOf } from '../../../engine/context.js'
import { recover } from '../../../engine/recover.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, reasonInput } from '../../shapes.js'

export const recoverTarget = command({
  name: 'recover-target',
  summary: 'The target has lost acknowledged data: start a new era in shadow and fill it again from the source.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/recover-target' },
  input: collectionInput.extend(reasonInput.shape),
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('recovered'), epoch: z.number().int(), partitions: z.array(z.number().int()) }),
    z.object({ kind: z.literal('refused'), reason: z.string().describe('Why not, as a literal') }),
  ]),
  run: async ({ engine }: CommandContext, { collection, reason }, caller) => {
    const { epoch, partitions } = await recover(engine, collectionOf(engine, collection), { by: caller.name, reason })
    if (partitions.length === 0) return { kind: 'refused' as const, reason: 'nothing-to-recover' }
    return { kind: 'recovered' as const, epoch, partitions }
  },
})
