import * as z from 'zod'
import { costSoFar } from '../../../engine/estimate/cost.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { costShape } from '../../cost-shape.js'
import { shownCost } from '../../shown-cost.js'

export const showCost = command({
  name: 'show-cost',
  summary: 'What the migration has cost so far by what was metered, against what was estimated before it began.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/cost' },
  input: z.strictObject({
    collection: z.string().min(1).optional().describe('Only this one, without what belongs to none; default: all'),
  }),
  output: costShape,
  run: async ({ engine }: CommandContext, { collection }) =>
    shownCost(await costSoFar(engine, collection), engine.documents.label.startsWith('blob')),
})
