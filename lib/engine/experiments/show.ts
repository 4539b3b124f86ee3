import type { Analysis } from '../../core/experiment/analyse.js'
import type { Recommendation } from '../../core/experiment/recommend.js'
import type { EngineContext } from '../context.js'
import { type Experiment, readExperiment, readResult } from './kept.js'
import { type Study, standing, study } from './study.js'

export interface ShownExperiment {
  experiment: Experiment & { revision: number }
  study: Study | null
  /** Of a round that is over, what was concluded; else what the numbers say now. */
  recommendations: Recommendation[]
  /** Of a round that is over, the last one that was stored. */
  analysis: Analysis | null
}

/** An experiment as it stands, reckoned from the counts as they are now. Changes nothing, and takes no planned look. */
export async function showExperiment(context: EngineContext, name: string): Promise<ShownExperiment> {
  const experiment = await readExperiment(context.ledger, name)
  const studied = await study(context, experiment)
  const recommendations = experiment.conclusion?.recommendations ?? studied?.recommendations ?? []
  const stored = experiment.status === 'stopped' ? studied?.stored?.analysis : undefined
  return { experiment, study: studied, recommendations, analysis: stored ?? studied?.now ?? null }
}

/**
 * What the newest analysis that was stored says, which is what the cron made of the numbers a few minutes ago; two reads
 * cheaper than reckoning it anew. `analysis` is `null` before the first.
 */
export async function storedFindings(
  { ledger }: Pick<EngineContext, 'ledger'>,
  experiment: Experiment,
): Promise<Pick<ShownExperiment, 'recommendations' | 'analysis'>> {
  const concluded = experiment.conclusion?.recommendations
  const { result } = experiment.startedAt === null ? { result: null } : await readResult(ledger, experiment)
  if (result === null) return { recommendations: concluded ?? [], analysis: null }
  const { analysis, atLook } = result
  return { recommendations: concluded ?? standing(analysis, atLook), analysis }
}
