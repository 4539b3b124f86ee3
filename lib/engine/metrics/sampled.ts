import { isOf } from '../../core/metrics/measurement.js'
import type { EngineContext } from '../context.js'

/** What comparing reads by sample has come to within a time, as counted. */
export interface Sampled {
  /** Of which a verdict was come to. */
  checked: number
  mismatched: number
  undecided: number
}

/**
 * Of collections by name; one of which nothing was measured is not in the answer. `from` and `to` are wall-clock
 * milliseconds. It asks in the words in which others ask who show the same window, so that it is read once for all of
 * them; of many collections all that was measured is read at once.
 */
export async function sampledReads(
  { metrics }: Pick<EngineContext, 'metrics'>,
  collections: readonly string[],
  { from, to }: { from: number; to: number },
): Promise<Map<string, Sampled>> {
  const together = collections.length > EACH_MAX
  const asked = together ? [{ from, to }] : collections.map((component) => ({ from, to, of: { component } }))
  const found = new Map<string, Sampled>()
  for (const buckets of await Promise.all(asked.map((query) => metrics.read(query)))) {
    for (const series of buckets.flatMap(({ measurements }) => measurements)) {
      if (!isOf(series, OUTCOMES)) continue
      const { checked, mismatched, undecided } = found.get(series.component) ?? NOTHING
      const { matched = 0, mismatched: differed = 0, inconclusive = 0 } = series.sums
      found.set(series.component, {
        checked: checked + matched + differed,
        mismatched: mismatched + differed,
        undecided: undecided + inconclusive,
      })
    }
  }
  return found
}

/** Where what comparisons came to is counted. */
const OUTCOMES = { path: null, operation: 'compare' }

const EACH_MAX = 4

const NOTHING: Sampled = { checked: 0, mismatched: 0, undecided: 0 }
