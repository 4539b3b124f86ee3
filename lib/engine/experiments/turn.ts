import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { listExperiments, readResult } from './kept.js'
import { analyseExperiment } from './study.js'
import { tidyExperiment } from './tidy.js'

/**
 * What the cron does for experiments: analyses those that run and have something new, and removes what belonged to the
 * single subjects of those that were stopped. Run twice at once, each analysis is stored once. What fails holds up no
 * other experiment, and is tried again at the next turn.
 */
export async function lookAfterExperiments(context: EngineContext, deadlineAt: number): Promise<Json> {
  const done = { analysed: [] as string[], tidied: [] as string[], failed: [] as string[] }
  for (const experiment of await listExperiments(context.ledger)) {
    if (deadlineAt - context.clock.now() <= MARGIN_MS) break
    try {
      if (experiment.status === 'running' && (await isDue(context, experiment))) {
        if ((await analyseExperiment(context, experiment)) !== null) done.analysed.push(experiment.name)
      }
      if (await tidyExperiment(context, experiment, deadlineAt - MARGIN_MS)) done.tidied.push(experiment.name)
    } catch (error) {
      if (!(error instanceof CutoverError)) throw error
      done.failed.push(experiment.name)
    }
  }
  return done
}

/** Between two analyses that are stored; planned looks come no sooner either. */
const EVERY_MS = 5 * 60_000
const MARGIN_MS = 2_000

async function isDue(context: EngineContext, experiment: Parameters<typeof readResult>[1]): Promise<boolean> {
  const { result } = await readResult(context.ledger, experiment)
  return result === null || context.clock.now() - result.analysis.at >= EVERY_MS
}
