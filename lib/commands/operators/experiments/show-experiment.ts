import * as z from 'zod'
import { showExperiment as show } from '../../../engine/experiments/show.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { analysisShape, shownAnalysis } from '../../experiment-study.js'
import { experimentName, experimentShape, recommendationShape, shownExperiment } from '../../experiments.js'

export const showExperiment = command({
  name: 'show-experiment',
  summary: 'An experiment: cohorts, intervals, what was found, what is recommended, and what is missing for it.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/experiments/{name}' },
  input: experimentName,
  output: z.object({
    experiment: experimentShape,
    recommendations: z.array(recommendationShape),
    outside: z.number().describe('Subjects that do not count: no chance gave them their variant'),
    crossed: z.number().describe('Events by another path than the subject’s first'),
    analysis: analysisShape.nullable().describe('Of the numbers as they are now, or as they were at the stop'),
    looks: z.array(z.number()).describe('Planned looks taken, as shares of the planned subjects'),
    atLook: analysisShape.nullable().describe('The newest planned look'),
  }),
  run: async ({ engine }: CommandContext, { name }) => {
    const { experiment, study, recommendations, analysis } = await show(engine, name)
    const atLook = study?.stored?.atLook ?? null
    return {
      experiment: shownExperiment(experiment),
      recommendations,
      outside: study?.counts.outside ?? 0,
      crossed: study?.counts.crossed ?? 0,
      analysis: analysis === null ? null : shownAnalysis(analysis),
      looks: study?.stored?.looks ?? [],
      atLook: atLook === null ? null : shownAnalysis(atLook),
    }
  },
})
