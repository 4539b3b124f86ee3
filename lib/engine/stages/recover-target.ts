import type { Plan } from '../../core/protocol/answers.js'
import { decideTargetRecovery } from '../../core/transition.js'
import type { Collection, Surroundings } from '../collection.js'
import { type Mover, pairsOf } from './move.js'
import { notedPlan } from './noted.js'
import { carryOut, epochOf } from './reconcile.js'

export interface RecoveryResult {
  /** Partitions that start a new era. */
  partitions: number[]
  epoch: number
}

/**
 * The target has lost acknowledged data. Strict slots start a new era, in shadow where the source is known to have
 * everything that was acknowledged; a pass brings it back to the target. The new epoch refuses requests of before, and
 * its numbers beat all that were lost. In rampdown and complete the lost writes are gone; the new era contains the
 * damage.
 */
export async function recoverTarget(
  collection: Collection,
  mover: Mover,
  { clock }: Surroundings,
  /** The partitions to recover, each with the epoch at which its loss was found. Default: all, at any epoch. */
  found?: ReadonlyMap<number, number>,
): Promise<RecoveryResult> {
  const result: RecoveryResult = { partitions: [], epoch: 0 }
  for (const [number, [source, target]] of pairsOf(collection).entries()) {
    if (found !== undefined && !found.has(number)) continue
    const now = clock.now()
    // The target may have gone ahead while the source was out of reach: its epoch is spent too.
    const atTarget = epochOf(await target.control())
    let plan: Plan | undefined
    await source.updateControl((control) => {
      plan = undefined
      const { epoch, plain } = control.fence
      // Somebody else has recovered it meanwhile; or there is nothing left to recover.
      if (plain || (found?.get(number) ?? epoch) !== epoch) return null
      const spent = Math.max(control.fence.epoch, control.plan?.fence.epoch ?? 0, atTarget)
      const decision = decideTargetRecovery(control.fence, now, spent + 1)
      if (decision.kind === 'refused') return null
      const { fence, from, to } = decision
      const { by, reason } = mover
      plan = notedPlan(control, { fence, first: 'source', by, reason, at: now, from, to, recovery: true })
      return { ...control, fence, plan, hold: false }
    })
    if (plan === undefined) continue
    await carryOut(plan, source, target, plan.fence.epoch)
    result.partitions.push(number)
    result.epoch = Math.max(result.epoch, plan.fence.epoch)
  }
  return result
}
