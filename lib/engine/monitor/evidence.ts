import type { EngineContext } from '../context.js'

/**
 * What weighing the rules of a component has come to since a moment (wall-clock milliseconds); `null`: nothing was
 * weighed, which is evidence of nothing.
 */
export async function breachEvidence(
  _context: EngineContext,
  _component: string,
  _since: number,
): Promise<{ weighed: number; breaches: number; undecided: number } | null> {
  return null
}
