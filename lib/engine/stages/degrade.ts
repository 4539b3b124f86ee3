import { reach } from '../../core/fence.js'
import type { Plan } from '../../core/protocol/answers.js'
import { type Decision, decideDegrade, type Refusal } from '../../core/transition.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection, Surroundings } from '../collection.js'
import { type Mover, pairsOf } from './move.js'

export type DegradeResult =
  | { kind: 'moved'; to: string; epoch: number }
  | { kind: 'refused'; reason: Refusal | 'degrade-not-enabled' }

/**
 * One store cannot be reached: the strict slots go to the tolerant stage of the survivor, without a lost write.
 *
 * The survivor's fence is raised with a hold. During the hold nothing is acknowledged and nothing unsettled is shown;
 * it lasts until the last instance that may still answer from the lost store alone has lost its lease. Then the hold
 * ends. The lost store is raised before anything else happens to it when it returns: by the watch, or by the first
 * write that reaches it.
 */
export async function degrade(
  collection: Collection,
  lost: 'source' | 'target',
  mover: Mover,
  around: Surroundings,
): Promise<DegradeResult> {
  const { leaseMs } = collection
  if (leaseMs === null) return { kind: 'refused', reason: 'degrade-not-enabled' }
  let last: DegradeResult = { kind: 'refused', reason: 'already-there' }
  for (const [source, target] of pairsOf(collection)) {
    const step = lost === 'target' ? degradeToSource : degradeToTarget
    const result = await step(source, target, mover, leaseMs * LEASE_MARGIN, around)
    if (result.kind === 'moved' || last.kind !== 'moved') last = result
  }
  return last
}

/** Clocks of two machines may run at rates this much apart, and then some. */
const LEASE_MARGIN = 1.25

async function degradeToSource(
  source: Source,
  _target: Target,
  mover: Mover,
  waitMs: number,
  { clock }: Surroundings,
): Promise<DegradeResult> {
  let decision: Decision | undefined
  const now = clock.now()
  await source.updateControl((control) => {
    // A plan that could not be finished because the target is gone is overtaken, not forgotten: its epoch is spent.
    const decided =
      control.plan !== null && control.plan.fence.epoch > control.fence.epoch ? control.plan.fence : control.fence
    decision = decideDegrade(decided, 'target', now, decided.epoch + 1)
    if (decision.kind === 'refused') {
      if (decided === control.fence || decision.reason !== 'already-there') return null
      decision = {
        kind: 'move',
        from: reach(control.fence).stage,
        to: 'dualwrite',
        first: 'source',
        fence: { ...decided, epoch: decided.epoch + 1 },
      }
    }
    const { fence, from, to } = decision
    const plan: Plan = { fence, first: 'source', by: mover.by, reason: mover.reason, at: now, from, to }
    return { ...control, fence, plan, hold: true }
  })
  if (decision === undefined || decision.kind === 'refused')
    return { kind: 'refused', reason: decision?.reason ?? 'already-there' }
  const { epoch } = decision.fence
  await clock.sleep(waitMs)
  await source.updateControl((control) => (control.fence.epoch === epoch ? { ...control, hold: false } : null))
  return { kind: 'moved', to: decision.to, epoch }
}

async function degradeToTarget(
  _source: Source,
  target: Target,
  _mover: Mover,
  waitMs: number,
  { clock }: Surroundings,
): Promise<DegradeResult> {
  const { fence } = await target.control()
  if (fence === null) return { kind: 'refused', reason: 'target-not-full' }
  // One epoch is left out: the source, which cannot be asked, may hold a decision for it that nobody has carried out.
  const decision = decideDegrade(fence, 'source', clock.now(), fence.epoch + 2)
  if (decision.kind === 'refused') return decision
  const raised = await target.raise(decision.fence, { hold: true, ifEpoch: fence.epoch })
  if (raised.fence?.epoch !== decision.fence.epoch) return { kind: 'refused', reason: 'already-there' }
  await clock.sleep(waitMs)
  await target.amend(decision.fence, { hold: false })
  return { kind: 'moved', to: decision.to, epoch: decision.fence.epoch }
}
