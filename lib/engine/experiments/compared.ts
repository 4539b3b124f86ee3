import { addCounts, type Counts, noCounts } from '../../core/experiment/counts.js'
import type { ExperimentDefinition } from '../../core/experiment/experiment.js'
import { exactly } from '../../core/experiment/statistics/exact-sum.js'
import { NO_SUMS, type Sums } from '../../core/experiment/statistics/moments.js'
import type { EngineContext } from '../context.js'
import { measuredIn } from '../metrics/window.js'

/**
 * What the data plane has found by itself: of reads that met both stores, by how much the target took longer, request by
 * request. It counts requests, not subjects, and each as independent. What an instance measured and could not write
 * before it was killed is missing; what is older than metrics are kept is gone. `null`: nobody asks for it, or nothing
 * was compared.
 */
export async function comparedPairs(
  { metrics }: Pick<EngineContext, 'metrics'>,
  { component, metrics: asked }: ExperimentDefinition,
  from: number,
  to: number,
): Promise<Sums | null> {
  if (!asked.some(({ kind }) => kind === 'compared')) return null
  const found = await measuredIn(metrics, { component, path: null, operation: 'compare' }, from, to)
  const { pairs = 0, differenceMs = 0, differenceMsSquared = 0 } = found?.sums ?? {}
  return pairs > 0 ? { n: pairs, sum: exactly(differenceMs), squares: exactly(differenceMsSquared) } : null
}

/** The counts with these pairs, under the control: pairs are of no cohort. */
export function withCompared({ cohorts, metrics }: ExperimentDefinition, counts: Counts, pairs: Sums | null): Counts {
  const [control] = cohorts
  if (pairs === null || control === undefined) return counts
  const names = metrics.flatMap(({ kind, name }) => (kind === 'compared' ? [name] : []))
  const found = Object.fromEntries(names.map((name) => [name, { values: pairs, beyond: NO_SUMS }]))
  return addCounts(counts, { ...noCounts(), cohorts: { [control.name]: { subjects: 0, metrics: found } } })
}
