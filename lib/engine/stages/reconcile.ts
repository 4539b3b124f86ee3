import { CutoverError } from '../../core/error.js'
import type { Fence } from '../../core/fence.js'
import type { Plan, SourceControl, TargetControl } from '../../core/protocol/answers.js'
import { sourceNumbers } from '../../core/stage.js'
import type { Source, Target } from '../../ports/store.js'

/** What both stores say of one partition, after a decision that was only half carried out has been finished. */
export interface Standing {
  source: SourceControl
  target: TargetControl
}

/**
 * Finishes what was decided: a plan is carried out in its order, first store, then second; a store that was out of
 * reach while the other went on is raised to the other's fence. Anybody may do this at any time, twice or together
 * with others: raising only ever lifts a lower fence to one that was decided.
 */
export async function reconcile(source: Source, target: Target): Promise<Standing> {
  const seen = await standingOf(source, target)
  checkNotLost(seen, target.label)
  const { plan } = seen.source
  const newest = newestFence(seen)
  if (newest.plain && seen.target.fence === null) return seen // cleaned up: the target has no fence any more
  const [atSource, atTarget] = [seen.source.fence.epoch, epochOf(seen.target)]
  if (atSource === newest.epoch && atTarget === newest.epoch) return seen
  if (plan !== null && plan.fence.epoch === newest.epoch) await carryOut(plan, source, target, atSource)
  else if (atSource < newest.epoch) await source.raise(newest)
  else await target.raise(newest)
  return standingOf(source, target)
}

/** What both stores say, without finishing anything. */
export async function standingOf(source: Source, target: Target): Promise<Standing> {
  const [atSource, atTarget] = await Promise.all([source.control(), target.control()])
  return { source: atSource, target: atTarget }
}

/** Where the target gives the versions it has a fence. One without has lost everything, and raising it would hide that. */
export function checkNotLost({ source: { fence }, target }: Standing, label: string): void {
  if (target.fence !== null || fence.plain || fence.ranges.every(({ stage }) => sourceNumbers(stage))) return
  throw lostTarget(label)
}

export function lostTarget(label: string): CutoverError {
  return new CutoverError('unavailable', `The target ${label} has lost its data. Recover it before changing stages.`, {
    details: { reason: 'target-lost-data' },
  })
}

/**
 * Raises both stores to a plan's fence, in its order. `atSource`: an epoch that the source is known to have reached.
 *
 * A target that should go down first and is found beyond the plan has gone on without the source (see `degrade.ts`) or
 * with a later decision: the plan is over, and the source takes the target's fence. Raised to the plan's it would
 * acknowledge alone what the target, which acknowledges alone as well, never hears of. `false`: so it was found.
 */
export async function carryOut({ first, fence }: Plan, source: Source, target: Target, atSource = 0): Promise<boolean> {
  const lower = first === 'target' ? (await target.raise(fence)).fence : null
  const isOver = lower !== null && lower.epoch > fence.epoch
  const next = isOver ? lower : fence
  if (atSource < next.epoch) await source.raise(next)
  if (first === 'source') await target.raise(fence)
  return !isOver
}

/** The latest decision that either store knows of. */
export function newestFence({ source, target }: Standing): Fence {
  const known = [
    source.fence,
    ...(source.plan === null ? [] : [source.plan.fence]),
    ...(target.fence === null ? [] : [target.fence]),
  ]
  return known.reduce((best, fence) => (fence.epoch > best.epoch ? fence : best))
}

export function epochOf(target: TargetControl): number {
  return target.fence?.epoch ?? 0
}
