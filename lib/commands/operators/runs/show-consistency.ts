import * as z from 'zod'
import { collectionOf } from '../../../engine/context.js'
import { sampledReads } from '../../../engine/metrics/sampled.js'
import { consistencyOf } from '../../../engine/validate/consistency.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { consistencyShape, shownConsistency } from './consistency-shape.js'

const MINUTE_MS = 60_000

export const showConsistency = command({
  name: 'show-consistency',
  summary:
    'How both stores of each collection agree: the latest validation, why records differed, sampled reads, zero loss.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/consistency' },
  input: z.strictObject({
    collection: z.string().min(1).optional().describe('Name of the collection; without it all of them'),
    minutes: z.coerce.number().int().min(1).max(1_440).default(15).describe('How far back sampled reads count'),
  }),
  output: z.array(consistencyShape),
  run: async ({ engine }: CommandContext, { collection, minutes }) => {
    const collections = collection === undefined ? engine.collections : [collectionOf(engine, collection)]
    const now = engine.clock.now()
    const [found, sampled] = await Promise.all([
      consistencyOf(engine, collections),
      sampledReads(
        engine,
        collections.map(({ name }) => name),
        { from: now - minutes * MINUTE_MS, to: now },
      ),
    ])
    return found.map((one) => {
      const reads = sampled.get(one.collection.name)
      return shownConsistency(one, reads === undefined ? null : { ...reads, windowMinutes: minutes })
    })
  },
})
