import * as z from 'zod'
import { collectionStatus } from '../../../engine/status.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { statusShape } from '../../shapes.js'

export const listCollections = command({
  name: 'list-collections',
  summary: 'Every collection: stage, rollout, stores, progress and how far away the way back is.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections' },
  input: z.strictObject({}),
  output: z.array(statusShape),
  run: ({ engine }: CommandContext) =>
    Promise.all(engine.collections.map(({ name }) => collectionStatus(engine, name))),
})
