import * as z from 'zod'
import type { Preview } from '../engine/stages/preview.js'
import { servingShape } from './serving-shape.js'
import { readinessShape, refusedMoveShape, sentence, stageShape } from './shapes.js'
import { shownPending, shownRefusal } from './shown-move.js'

const { reads, writes } = servingShape.shape
const percent = z.number().min(0).max(100)

/** What a stage change would do, as operators see it. */
export const previewShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('would-move'),
    from: stageShape,
    to: stageShape.describe('As far as it would come now'),
    fromPercent: percent,
    rolloutPercent: percent,
    epoch: z.number().int().describe('Give it as ifEpoch, so that what was previewed is what is done'),
    steps: z.array(z.object({ from: stageShape, to: stageShape, rolloutPercent: percent })),
    pending: z
      .object({ to: stageShape, reason: z.string(), inWords: sentence })
      .nullable()
      .describe('What must be done before the rest of the way'),
    changes: z.object({
      reads: z.object({ before: reads, after: reads }),
      writes: z.object({ before: writes, after: writes }),
    }),
    rollbackAfter: readinessShape.describe('How far away the way back is afterwards'),
    commands: z.number().nullable().describe('Redis commands of the change itself, estimated'),
    dangerous: z.boolean().describe('It cannot be taken back at once'),
    warnings: z.array(z.string()).describe('Whole sentences'),
  }),
  refusedMoveShape.extend({ inWords: sentence }),
])

export function shownPreview(collection: string, preview: Preview): z.input<typeof previewShape> {
  if (preview.kind === 'refused') return shownRefusal(collection, preview)
  return { ...preview, pending: shownPending(collection, preview) }
}
