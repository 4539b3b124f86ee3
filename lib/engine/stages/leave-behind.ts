import { CutoverError } from '../../core/error.js'
import { raiseAlert } from '../alerts/raise.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { enterDecision } from './audited.js'
import { type DegradeResult, degrade } from './degrade.js'
import type { Mover } from './move.js'

/**
 * Goes on with one store alone (see `degrade.ts`), and says so: in the audit trail and by an alert. Where the source
 * is what is lost, no document keeps who decided and why; the entry made here is the only one.
 */
export async function leaveBehind(
  context: EngineContext,
  collection: Collection,
  lost: 'source' | 'target',
  mover: Mover,
): Promise<DegradeResult> {
  const result = await degrade(collection, lost, mover, context)
  if (result.kind === 'refused') return result
  const { from, to, epoch } = result
  const at = context.clock.now()
  const { name } = collection
  if (from !== null) {
    const [before, after] = [{ stage: from }, { stage: to, epoch, lost }]
    await enterDecision(context, epoch, { at, ...mover, action: 'leave-behind', collection: name, before, after })
  }
  const survivor = lost === 'target' ? 'source' : 'target'
  await raiseAlert(context, {
    about: `left-${lost}-behind-${name}-${epoch}`,
    once: true,
    severity: 'critical',
    kind: 'store-unreachable',
    component: name,
    message: `The ${lost} of ${name} did not answer and was left behind: strict slots went to ${to} at epoch ${epoch} and go on with the ${survivor} alone.`,
  }).catch((error: unknown) => {
    if (!(error instanceof CutoverError)) throw error // the ledger may be out of reach; the stages are what matters
  })
  return result
}
