import * as z from 'zod'
import { collectionOf } from '../../../engine/context.js'
import { IDS_MAX, validateIds } from '../../../engine/validate/validate-ids.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { collectionInput, stageShape, verdictShape } from '../../shapes.js'

export const validateRecords = command({
  name: 'validate-records',
  summary: 'Compares up to 200 records now, field by field, with both values; repairs if asked.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/collections/{collection}/validate-records' },
  input: collectionInput.extend({
    ids: z.array(z.string().min(1)).min(1).max(IDS_MAX),
    redact: z
      .array(z.string())
      .max(50)
      .default([])
      .describe('Paths whose values are not shown, such as $.token or **.secret'),
    repair: z.boolean().default(false),
  }),
  output: z.array(
    z.object({
      id: z.string(),
      stage: stageShape.nullable(),
      sourceVersion: z.number(),
      targetVersion: z.number(),
      verdict: verdictShape,
      repaired: z.boolean(),
    }),
  ),
  run: ({ engine }: CommandContext, { collection, ids, redact, repair }) =>
    validateIds(engine, collectionOf(engine, collection), ids, { redact, repair }),
})
