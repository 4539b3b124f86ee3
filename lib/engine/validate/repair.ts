import type { Look } from '../../core/compare/verdict.js'
import { passIds } from '../pass/pass.js'
import { type Examined, type Examining, examine } from './examine.js'
import { lookAt } from './sight.js'

/** An examined record; `repaired` if it was a mismatch and matches now, which is what `now` shows. */
export interface Mended extends Examined {
  repaired: boolean
  now: Look
}

/**
 * Runs the pass over mismatches and examines them again. Never lowers a version and never chooses between two values
 * of one version: what the pass cannot mend by versions stays a mismatch.
 */
export async function repair(examining: Examining, examined: readonly Examined[]): Promise<Mended[]> {
  const wrong = examined.filter(({ verdict }) => verdict.kind === 'mismatch')
  // The pass reads copies; one that cannot be read would fail it for all the others.
  const readable = wrong.filter(({ look }) => !look.targetDamaged)
  for (const state of new Set(readable.map((one) => one.state))) {
    const ids = readable.filter((one) => one.state === state).map(({ id }) => id)
    await passIds(state, ids)
  }
  const again = await examine(examining, await lookAt(readable))
  const after = new Map(again.map((one) => [one.id, one]))
  return examined.map((one) => {
    const now = after.get(one.id)
    return { ...one, repaired: now?.verdict.kind === 'match', now: now?.look ?? one.look }
  })
}
