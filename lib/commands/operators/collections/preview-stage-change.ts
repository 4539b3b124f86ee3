import * as z from 'zod'
import { previewStageChange as preview } from '../../../engine/stages/preview.js'
import { acceptRiskInput } from '../../accept-risk.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { previewShape, shownPreview } from '../../preview-shape.js'
import { collectionInput, stageShape } from '../../shapes.js'

export const previewStageChange = command({
  name: 'preview-stage-change',
  summary: 'What advance-stage or roll-back with the same input would do now, and what refuses it; changes nothing.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/collections/{collection}/preview' },
  input: collectionInput.extend({
    direction: z.enum(['up', 'down']).describe('up: as advance-stage; down: as roll-back'),
    to: stageShape.optional().describe('Default: as the verb has it'),
    rolloutPercent: z.number().min(0).max(100).optional().describe('Share of the slots, in steps of 0.01'),
    ...acceptRiskInput.shape,
  }),
  output: previewShape,
  run: async ({ engine }: CommandContext, asked) => shownPreview(asked.collection, await preview(engine, asked)),
})
