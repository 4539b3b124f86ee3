import * as z from 'zod'
import { collectionOf } from '../../engine/context.js'
import { recover } from '../../engine/watch.js'
import { command } from '../command.js'
import type { CommandContext } from '../context.js'
import { collectionInput, reasonInput } from '../shapes.js'

export const recoverTarget = command({
  name: 'recover-target',
  summary: 'The target has lost acknowledged data: start a new era in shadow and fill it again from the source.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/collections/{collection}/recover-target' },
  input: collectionInput.extend(reasonInput.shape),
  output: z.object({ finding: z.string() }),
  run: async ({ engine }: CommandContext, { collection: name }) => {
    const collection = collectionOf(engine, name)
    const all = collection.source.partitions.map((_, number) => number)
    return { finding: await recover(engine, collection, all) }
  },
})
