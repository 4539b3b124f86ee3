import type { EngineContext } from '../context.js'
import { readStandings } from './kept.js'

/**
 * What weighing the rules of a component has come to since a moment (wall-clock milliseconds), counted in rules:
 * `weighed`: armed rules that were weighed since; `breaches`: those that found a breach since then, or still stand
 * breached; `undecided`: those whose latest weighing had not enough evidence. `null`: nothing was weighed, which is
 * evidence of nothing.
 */
export async function breachEvidence(
  context: Pick<EngineContext, 'ledger'>,
  component: string,
  since: number,
): Promise<{ weighed: number; breaches: number; undecided: number } | null> {
  const { standings } = await readStandings(context, component)
  const weighed = Object.values(standings).filter(({ weighedAt }) => weighedAt >= since)
  if (weighed.length === 0) return null
  const breaches = weighed.filter(
    ({ status, breachedAt }) => status === 'breached' || (breachedAt !== null && breachedAt >= since),
  )
  const undecided = weighed.filter(({ outcome }) => outcome === 'not-enough-evidence')
  return { weighed: weighed.length, breaches: breaches.length, undecided: undecided.length }
}
