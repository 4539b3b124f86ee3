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
 * milliseconds. Of a few each is read for itself, which is a command and a few numbers for each; of more all that was
 * measured is read at once.
 */
export async function sampledReads(
  { metrics }: Pick<EngineContext, 'metrics'>,
  collections: readonly string[],
  { from, to }: { from: number; to: number },
): Promise<Map<string, Sampled>> {
  const of = { path: null, operation: 'compare' }
  const asked = collections.length > EACH_MAX ? [of] : collections.map((component) => ({ ...of, component }))
  const found = new Map<string, Sampled>()
  for (const buckets of await Promise.all(asked.map((series) => metrics.read({ from, to, of: series })))) {
    for (const { component, sums } of buckets.flatMap(({ measurements }) => measurements)) {
      const { checked, mismatched, undecided } = found.get(component) ?? NOTHING
      const { matched = 0, mismatched: differed = 0, inconclusive = 0 } = sums
      found.set(component, {
        checked: checked + matched + differed,
        mismatched: mismatched + differed,
        undecided: undecided + inconclusive,
      })
    }
  }
  return found
}

const EACH_MAX = 4

const NOTHING: Sampled = { checked: 0, mismatched: 0, undecided: 0 }
