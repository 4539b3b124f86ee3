import * as z from 'zod'
import { walkStages } from '../../../engine/stages/walk.js'
import { acceptRiskInput } from '../../accept-risk.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { keepFirstEstimate } from '../../keep-estimate.js'
import { collectionInput, ifEpochInput, movedShape, reasonInput, stageShape } from '../../shapes.js'
import { shownMove } from '../../shown-move.js'

export const advanceStage = command({
  name: 'advance-stage',
  summary: 'Moves a collection, or a share of it, one stage further.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/advance' },
  input: collectionInput.extend({
    ...reasonInput.shape,
    to: stageShape.optional().describe('Default: the next stage, or the rest of a rollout that has begun'),
    rolloutPercent: z.number().min(0).max(100).optional().describe('Share of the slots, in steps of 0.01; default 100'),
    ...acceptRiskInput.shape,
    ...ifEpochInput.shape,
  }),
  output: movedShape,
  run: async (context: CommandContext, { reason, ...asked }, caller) => {
    const request = { ...asked, direction: 'up' as const, action: 'advance-stage' }
    const moved = await walkStages(context.engine, request, { by: caller.name, reason })
    if (moved.kind === 'moved' && moved.from === 'off')
      await keepFirstEstimate(context, { course: 'by-hand', collections: [asked.collection] }, 'advance-stage')
    return shownMove(asked.collection, moved)
  },
})
