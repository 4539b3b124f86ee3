import { CutoverError } from '../../core/error.js'
import { type Fence, reach } from '../../core/fence.js'
import type { Plan } from '../../core/protocol/answers.js'
import type { Forbidden, ForbiddenReason } from '../../core/rollback/forbidden.js'
import { readsTarget, type Stage, stageIndex } from '../../core/stage.js'
import { decideMove, type Move, type Refusal } from '../../core/transition.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection, Surroundings } from '../collection.js'
import { sideBySide } from '../side-by-side.js'
import { compareBeats } from './heartbeat.js'
import { notedPlan } from './noted.js'
import { carryOut, epochOf, lostTarget, reconcile, type Standing } from './reconcile.js'

export type MoveResult =
  | { kind: 'moved'; from: Stage; to: Stage; epoch: number; rolloutPercent: number }
  /** `details`: what stands against it, where it is not the stores. */
  | { kind: 'refused'; reason: Refusal | ForbiddenReason; from: Stage; to: Stage; details?: Forbidden['details'] }

export interface Mover {
  by: string
  reason: string
}

/**
 * Moves a collection, or a share of its slots, by one step. The decision is made once for each partition, in its
 * source document, by a compare-and-swap from the fence it was made on; only then are fences raised. A crash in
 * between leaves a decision that the next call, the watch, or `reconcile` carries out.
 */
export async function moveStage(
  collection: Collection,
  move: Move,
  mover: Mover,
  around: Surroundings,
): Promise<MoveResult> {
  const pairs = pairsOf(collection)
  const standings = await sideBySide(pairs, ([source, target]) => reconcile(source, target))
  const now = around.clock.now()
  const epoch = Math.max(...standings.map(({ source }) => source.fence.epoch)) + 1
  const from = furthest(standings.map(({ source }) => source.fence))
  const to =
    move.to ??
    goalOf(
      standings.map(({ source }) => source.fence),
      move,
      now,
    )
  const decisions = standings.map(({ source }) => decideMove(source.fence, { ...move, to }, now, epoch))
  const refusals = decisions.flatMap((decision) => (decision.kind === 'refused' ? [decision.reason] : []))
  const refusal = refusals.find((reason) => reason !== 'already-there')
  if (refusal !== undefined) return { kind: 'refused', reason: refusal, from: from.stage, to }
  if (refusals.length === decisions.length) return { kind: 'refused', reason: 'already-there', from: from.stage, to }
  if (move.direction === 'up' && readsTarget(to)) await checkNotSetBack(pairs, standings)
  // Partitions know nothing of each other.
  const fences = await sideBySide(pairs, async ([source, target], number): Promise<Fence[]> => {
    const standing = standings[number]
    if (standing === undefined || decisions[number]?.kind !== 'move') return []
    // Where the target is still behind somebody else's decision, that has to be carried out first.
    const seen = Math.min(standing.source.fence.epoch, epochOf(standing.target))
    return [await movePartition(source, target, { ...move, to }, mover, { now, epoch, seen })]
  })
  const reached = furthest(fences.flat())
  return { kind: 'moved', from: from.stage, to, epoch, rolloutPercent: reached.stage === to ? reached.percent : 100 }
}

/** What is about to be trusted must not have been set back since a pass has filled it. */
async function checkNotSetBack(pairs: readonly [Source, Target][], standings: readonly Standing[]): Promise<void> {
  const check = async ([, target]: [Source, Target], number: number): Promise<void> => {
    const { missing } = await compareBeats(standings[number]?.source.heartbeat ?? 0, target)
    if (missing > 0) throw lostTarget(target.label)
  }
  await sideBySide(pairs, check)
}

async function movePartition(
  source: Source,
  target: Target,
  move: Move,
  mover: Mover,
  { now, epoch, seen }: { now: number; epoch: number; seen: number },
): Promise<Fence> {
  let plan: Plan | undefined
  await source.updateControl((control) => {
    plan = undefined
    // Both stores stood at `seen`; anything decided since has to be finished first.
    if (control.fence.epoch !== seen || (control.plan?.fence.epoch ?? 0) > seen) return null
    const decision = decideMove(control.fence, move, now, epoch)
    if (decision.kind === 'refused') return null
    const { fence, first, from, to } = decision
    plan = notedPlan(control, { fence, first, by: mover.by, reason: mover.reason, at: now, from, to })
    return { ...control, plan, ...(first === 'source' ? { fence, hold: false } : {}) }
  })
  if (plan === undefined) {
    throw new CutoverError(
      'conflict',
      `The stage of ${source.label} was changed by somebody else at the same moment. Look again.`,
    )
  }
  await carryOut(plan, source, target, plan.first === 'source' ? plan.fence.epoch : 0)
  return plan.fence
}

export function pairsOf(collection: Collection): [Source, Target][] {
  return collection.source.partitions.map((source, number) => {
    const target = collection.target.partitions[number]
    if (target === undefined)
      throw new CutoverError('configuration', `The stores of ${collection.name} differ in their partitions.`)
    return [source, target]
  })
}

/** The furthest stage of any partition, with the lowest share that stands there. */
export function furthest(fences: readonly Fence[]): { stage: Stage; percent: number } {
  const reaches = fences.map(reach)
  const best = reaches.reduce((a, b) => (stageIndex(b.stage) > stageIndex(a.stage) ? b : a), {
    stage: 'off' as Stage,
    percent: 100,
  })
  const shares = reaches.map(({ stage, percent }) => (stage === best.stage ? percent : 0))
  return { stage: best.stage, percent: shares.length === 0 ? 100 : Math.min(...shares) }
}

/** Partitions that a crash left behind must not each choose a goal of their own. */
function goalOf(fences: readonly Fence[], move: Move, now: number): Stage {
  const goals = fences.map((fence) => decideMove(fence, move, now).to).sort((a, b) => stageIndex(a) - stageIndex(b))
  return (move.direction === 'up' ? goals[0] : goals.at(-1)) ?? 'off'
}
