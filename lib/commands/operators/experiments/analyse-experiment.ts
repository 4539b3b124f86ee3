import * as z from 'zod'
import { readExperiment } from '../../../engine/experiments/kept.js'
import { analyseExperiment as analyse } from '../../../engine/experiments/study.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { analysisShape, shownAnalysis } from '../../experiment-study.js'
import { experimentName, recommendationShape } from '../../experiments.js'

export const analyseExperiment = command({
  name: 'analyse-experiment',
  summary: 'Analyses an experiment and stores the result, as the cron does; takes a planned look that is due.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/experiments/{name}/analyse' },
  input: experimentName,
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('analysed'), analysis: analysisShape, recommendations: z.array(recommendationShape) }),
    z.object({ kind: z.literal('refused'), reason: z.enum(['not-running', 'nothing-new']) }),
  ]),
  run: async ({ engine }: CommandContext, { name }) => {
    const experiment = await readExperiment(engine.ledger, name)
    if (experiment.status !== 'running') return { kind: 'refused' as const, reason: 'not-running' as const }
    const analysis = await analyse(engine, experiment)
    if (analysis === null) return { kind: 'refused' as const, reason: 'nothing-new' as const }
    return { kind: 'analysed' as const, analysis: shownAnalysis(analysis), recommendations: analysis.recommendations }
  },
})
