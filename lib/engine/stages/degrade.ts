import { type Fence, reach } from '../../core/fence.js'
import type { TargetControl } from '../../core/protocol/answers.js'
import type { Stage } from '../../core/stage.js'
import { type Decision, decideDegrade, type Refusal, strictRanges } from '../../core/transition.js'
import type { Clock } from '../../ports/clock.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection, Surroundings } from '../collection.js'
import { sideBySide } from '../side-by-side.js'
import { type Mover, pairsOf } from './move.js'
import { notedPlan } from './noted.js'
import { epochOf, type Standing } from './reconcile.js'

export type DegradeResult =
  /** `from`: the furthest stage before; `null` when all there was to do was to end a hold. */
  | { kind: 'moved'; from: Stage | null; to: Stage; epoch: number }
  | { kind: 'refused'; reason: Refusal | 'degrade-not-enabled' }

/**
 * One store cannot be reached: the strict slots go to the tolerant stage of the survivor, without a lost write.
 *
 * The survivor's fence is raised with a hold. During the hold nothing is acknowledged and nothing unsettled is shown;
 * it lasts until the last instance that may still answer from the lost store alone has lost its lease. Then the hold
 * ends. The lost store is raised before anything else happens to it when it returns: by the watch, or by the first
 * write that reaches it. A hold whose end nobody lived to see is waited for again and ended by the next call.
 */
export async function degrade(
  collection: Collection,
  lost: 'source' | 'target',
  mover: Mover,
  around: Surroundings,
): Promise<DegradeResult> {
  const { leaseMs } = collection
  if (leaseMs === null) return { kind: 'refused', reason: 'degrade-not-enabled' }
  const pairs = pairsOf(collection)
  const waitMs = leaseMs * LEASE_MARGIN
  // All at once: each has to wait for the leases.
  const results = await (lost === 'target'
    ? Promise.all(pairs.map(([source]) => degradeToSource(source, mover, waitMs, around)))
    : degradeToTargets(pairs, waitMs, around))
  return results.find(({ kind }) => kind === 'moved') ?? results.at(-1) ?? { kind: 'refused', reason: 'already-there' }
}

/**
 * Ends holds that nobody lived to end, after the wait they were made for. Both stores answer; what was decided has
 * been carried out. `seen`: what the stores of each partition have just answered.
 */
export async function endHolds(
  collection: Collection,
  { clock }: Surroundings,
  seen?: readonly (Standing | undefined)[],
): Promise<boolean> {
  const held: (() => Promise<unknown>)[] = []
  const look = async ([source, target]: [Source, Target], number: number): Promise<void> => {
    const standing = seen?.[number]
    const [atSource, atTarget] = [
      standing?.source ?? (await source.control()),
      standing?.target ?? (await target.control()),
    ]
    const { fence } = atTarget
    if (atSource.hold) held.push(() => releaseSource(source, atSource.fence.epoch))
    if (atTarget.hold && fence !== null) held.push(() => target.amend(fence, { hold: false }))
  }
  await sideBySide(pairsOf(collection), look)
  if (held.length === 0) return false
  await clock.sleep((collection.leaseMs ?? 0) * LEASE_MARGIN)
  for (const end of held) await end()
  return true
}

function releaseSource(source: Source, epoch: number): Promise<unknown> {
  return source.updateControl((control) =>
    control.hold && control.fence.epoch === epoch ? { ...control, hold: false } : null,
  )
}

/** Clocks of two machines may run at rates this much apart, and then some. */
const LEASE_MARGIN = 1.25

async function degradeToSource(
  source: Source,
  mover: Mover,
  waitMs: number,
  { clock }: Surroundings,
): Promise<DegradeResult> {
  let refusal: Refusal | null = null
  let left: Stage | null = null
  const now = clock.now()
  const found = await source.updateControl((control) => {
    refusal = 'already-there'
    left = null
    if (strictRanges(control.fence).length === 0) return null
    // A plan that could not be finished because the target is gone is overtaken, not forgotten: its epoch is spent.
    const decided =
      control.plan !== null && control.plan.fence.epoch > control.fence.epoch ? control.plan.fence : control.fence
    let decision: Decision = decideDegrade(decided, 'target', now, decided.epoch + 1)
    if (decision.kind === 'refused') {
      refusal = decision.reason
      if (decided === control.fence || decision.reason !== 'already-there') return null
      decision = {
        kind: 'move',
        from: reach(control.fence).stage,
        to: 'dualwrite',
        first: 'source',
        fence: { ...decided, epoch: decided.epoch + 1 },
      }
    }
    refusal = null
    const { fence, from, to } = decision
    left = from
    const plan = notedPlan(control, { fence, first: 'source', by: mover.by, reason: mover.reason, at: now, from, to })
    return { ...control, fence, plan, hold: true }
  })
  if (refusal !== null && !found.hold) return { kind: 'refused', reason: refusal }
  const { epoch } = found.fence
  await clock.sleep(waitMs)
  await releaseSource(source, epoch)
  return { kind: 'moved', from: left, to: 'dualwrite', epoch }
}

/**
 * Sources that cannot be asked may hold a decision that nobody has carried out. Its epoch is the next after the highest
 * of any partition, not only of its own: that one is left out everywhere.
 */
async function degradeToTargets(
  pairs: readonly [Source, Target][],
  waitMs: number,
  { clock }: Surroundings,
): Promise<DegradeResult[]> {
  const seen = await sideBySide(pairs, async ([, target]) => ({ target, control: await target.control() }))
  const undecided = Math.max(...seen.map(({ control }) => epochOf(control))) + 1
  return Promise.all(seen.map(({ target, control }) => degradeToTarget(target, control, undecided + 1, waitMs, clock)))
}

async function degradeToTarget(
  target: Target,
  { fence, hold }: TargetControl,
  epoch: number,
  waitMs: number,
  clock: Clock,
): Promise<DegradeResult> {
  if (fence === null) return { kind: 'refused', reason: 'target-not-full' }
  if (hold) return await endHold(target, fence, waitMs, clock, null)
  const decision = decideDegrade(fence, 'source', clock.now(), epoch)
  if (decision.kind === 'refused') return decision
  const raised = await target.raise(decision.fence, { hold: true, ifEpoch: fence.epoch })
  if (raised.fence?.epoch !== decision.fence.epoch) return { kind: 'refused', reason: 'already-there' }
  return await endHold(target, decision.fence, waitMs, clock, decision.from)
}

async function endHold(
  target: Target,
  fence: Fence,
  waitMs: number,
  clock: Clock,
  from: Stage | null,
): Promise<DegradeResult> {
  await clock.sleep(waitMs)
  await target.amend(fence, { hold: false })
  return { kind: 'moved', from, to: 'rampdown', epoch: fence.epoch }
}
