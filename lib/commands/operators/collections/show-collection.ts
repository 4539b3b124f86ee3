import { collectionStatus } from '../../../engine/status.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, statusShape } from '../../shapes.js'

export const showCollection = command({
  name: 'show-collection',
  summary: 'One collection: stage, rollout, stores, progress and how far away the way back is.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}' },
  input: collectionInput,
  output: statusShape,
  run: ({ engine }: CommandContext, { collection }) => collectionStatus(engine, collection),
})
