import * as z from 'zod'
import { listExperiments as list } from '../../../engine/experiments/kept.js'
import { storedFindings } from '../../../engine/experiments/show.js'
import { sideBySide } from '../../../engine/side-by-side.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { analysisShape, shownAnalysis } from '../../experiment-study.js'
import { experimentShape, recommendationShape, shownExperiment } from '../../experiments.js'

export const listExperiments = command({
  name: 'list-experiments',
  summary: 'Every experiment and where it stands.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/experiments' },
  input: z.strictObject({
    component: z.string().optional(),
    status: z.enum(['draft', 'running', 'stopped']).optional(),
    found: z.boolean().default(false).describe('With what the newest stored analysis has found'),
  }),
  output: z.array(
    experimentShape.extend({
      found: z
        .object({ recommendations: z.array(recommendationShape), analysis: analysisShape.nullable() })
        .optional()
        .describe('As the cron stored it; "analysis" is null before the first'),
    }),
  ),
  run: async ({ engine }: CommandContext, { component, status, found }) => {
    const all = await list(engine.ledger)
    const wanted = all.filter(
      (one) => one.component === (component ?? one.component) && one.status === (status ?? one.status),
    )
    if (!found) return wanted.map(shownExperiment)
    return sideBySide(wanted, async (one) => {
      const { recommendations, analysis } = await storedFindings(engine, one)
      const shown = analysis === null ? null : shownAnalysis(analysis)
      return { ...shownExperiment(one), found: { recommendations, analysis: shown } }
    })
  },
})
