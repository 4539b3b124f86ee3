import * as z from 'zod'
import { walkStages } from '../../../engine/stages/walk.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, ifEpochInput, movedShape, reasonInput, stageShape } from '../../shapes.js'
import { shownMove } from '../../shown-move.js'

export const rollBack = command({
  name: 'roll-back',
  summary: 'Moves a collection, or a share of it, back; as many stages as is safe at once.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/roll-back' },
  input: collectionInput.extend({
    ...reasonInput.shape,
    to: stageShape.optional().describe('Default: the stage before'),
    rolloutPercent: z
      .number()
      .min(0)
      .max(100)
      .optional()
      .describe('Share of the slots, in steps of 0.01; default 0 (nothing stays)'),
    ...ifEpochInput.shape,
  }),
  output: movedShape,
  run: async ({ engine }: CommandContext, { reason, ...asked }, caller) => {
    const request = { ...asked, direction: 'down' as const, action: 'roll-back' }
    return shownMove(asked.collection, await walkStages(engine, request, { by: caller.name, reason }))
  },
})
