import { decideCollectionMove, rolloutAfter } from '../../core/collection-move.js'
import { CutoverError } from '../../core/error.js'
import { type Fence, reach } from '../../core/fence.js'
import type { Plan } from '../../core/protocol/answers.js'
import type { StageRefusal } from '../../core/refusals.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import { readsTarget, type Stage } from '../../core/stage.js'
import { type Decision, decideMove, type Move } from '../../core/transition.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection, Surroundings } from '../collection.js'
import { sideBySide } from '../side-by-side.js'
import { compareBeats } from './heartbeat.js'
import { notedPlan, stillToFollow } from './noted.js'
import { carryOut, epochOf, lostTarget, reconcile, type Standing } from './reconcile.js'
import { decidedBefore, type EpochMoved, epochMoved, overtaken, readStands, type Stands, standsAt } from './stands.js'

export { furthest } from '../../core/collection-move.js'

export type MoveResult =
  | { kind: 'moved'; from: Stage; to: Stage; epoch: number; rolloutPercent: number }
  /** `details`: what stands against it, where it is not the stores. */
  | { kind: 'refused'; reason: StageRefusal; from: Stage; to: Stage; details?: Forbidden['details'] }

export interface ConditionalMove extends Move {
  /** Only if the collection still stands at this epoch; otherwise it is refused as `epoch-moved`, and nothing is done. */
  ifEpoch?: number | undefined
}

export interface Mover {
  by: string
  reason: string
}

/**
 * Moves a collection, or a share of its slots, by one step. The decision is made once for each partition, in its
 * source document, by a compare-and-swap from the fence it was made on; only then are fences raised. A crash in
 * between leaves a decision that the next call, the watch, or `reconcile` carries out.
 *
 * The first partition's document decides for the whole collection who takes a step from an epoch: of two who decide at
 * the same moment one finds it taken, and nothing of what that one wanted is done anywhere. The others follow the latest
 * decision there, whoever reaches them first; every partition gets the epoch of every step, also where it stands already.
 */
export async function moveStage(
  collection: Collection,
  { ifEpoch, ...move }: ConditionalMove,
  mover: Mover,
  around: Surroundings,
): Promise<MoveResult> {
  const pairs = pairsOf(collection)
  const standings = await sideBySide(pairs, ([source, target]) => reconcile(source, target))
  const now = around.clock.now()
  const fences = standings.map(({ source }) => source.fence)
  const decided = decideCollectionMove(fences, move, now)
  const { from, to } = decided
  const stands = standsAt(
    standings.map(({ source }) => source),
    standings.map(({ target }) => epochOf(target)),
  )
  if (ifEpoch !== undefined && stands.epoch !== ifEpoch) return epochMoved(collection.name, ifEpoch, stands, to)
  if (decided.kind === 'refused') return decided
  if (move.direction === 'up' && readsTarget(to)) await checkNotSetBack(pairs, standings)
  const { epoch, decisions } = decided
  const taken = await takeStep(collection, standings, { move: { ...move, to }, mover, now, epoch })
  if (taken.kind === 'lost') {
    if (ifEpoch !== undefined) return epochMoved(collection.name, ifEpoch, taken.found, to)
    throw decidedBefore(collection.name, taken.found, to)
  }
  const moved = taken.fences.filter((_, number) => decisions[number]?.kind === 'move')
  return { kind: 'moved', from, to, epoch, rolloutPercent: rolloutAfter(moved, to) }
}

/**
 * Takes the step from an epoch without moving anything: stages stay as they are under a new one. For whoever begins what
 * moves stages only later, and must be the only one to go on from what was looked at. `null`: it is taken.
 */
export async function claimEpoch(
  collection: Collection,
  ifEpoch: number,
  mover: Mover,
  { clock }: Surroundings,
): Promise<EpochMoved | null> {
  const standings = await sideBySide(pairsOf(collection), ([source, target]) => reconcile(source, target))
  const stands = standsAt(
    standings.map(({ source }) => source),
    standings.map(({ target }) => epochOf(target)),
  )
  if (stands.epoch !== ifEpoch) return epochMoved(collection.name, ifEpoch, stands, stands.stage)
  if (standings.some(({ source }) => source.fence.plain)) return null // cleaned up: nothing moves any more
  const nothing = { direction: 'up', to: 'off' } as const
  const step = { move: nothing, mover, now: clock.now(), epoch: ifEpoch + 1 }
  const taken = await takeStep(collection, standings, step)
  return taken.kind === 'lost' ? epochMoved(collection.name, ifEpoch, taken.found, taken.found.stage) : null
}

/** The first partition decides, the others follow. `lost`: somebody else has taken it, and nothing was done. */
async function takeStep(
  collection: Collection,
  standings: readonly Standing[],
  step: Step,
): Promise<{ kind: 'taken'; fences: Fence[] } | { kind: 'lost'; found: Stands }> {
  const [first, ...rest] = pairsOf(collection)
  const [standing, ...standingsOfRest] = standings
  if (first === undefined || standing === undefined) throw noPartitions(collection)
  const lead = await movePartition(collection, first, step, standing)
  if (lead === null) return { kind: 'lost', found: await readStands(collection.source.partitions) }
  const others = await sideBySide(rest, (pair, number) => follow(collection, pair, step, standingsOfRest[number]))
  return { kind: 'taken', fences: [lead, ...others] }
}

interface Step {
  move: Move & { to: Stage }
  mover: Mover
  now: number
  epoch: number
}

/**
 * Takes a partition along. Whoever decided earlier in the first partition may still be at work here, and is overtaken;
 * whoever decided later has carried this on, or turned it since.
 */
async function follow(collection: Collection, pair: [Source, Target], step: Step, first?: Standing): Promise<Fence> {
  const { epoch } = step
  let standing = first ?? (await reconcile(...pair))
  for (let attempt = 0; attempt < FOLLOW_MAX && standing.source.fence.epoch < epoch; attempt++) {
    const fence = await movePartition(collection, pair, step, standing)
    if (fence !== null) return fence
    standing = await reconcile(...pair)
  }
  return unlessTurned(collection, step, standing)
}

/** Of a partition that a later decision has come to: where that has left it no less far than this step would have. */
async function unlessTurned(
  collection: Collection,
  { move, now }: Step,
  { source: { fence } }: Standing,
): Promise<Fence> {
  const rest = decideMove(fence, move, now)
  if (rest.kind === 'refused' && rest.reason === 'already-there') return fence
  throw overtaken(collection.name, await readStands(collection.source.partitions), move.to)
}

/** Earlier decisions that are carried out at the same moment. */
const FOLLOW_MAX = 8

function noPartitions({ name }: Collection): CutoverError {
  return new CutoverError('configuration', `The stores of ${name} have no partitions.`)
}

/** What is about to be trusted must not have been set back since a pass has filled it. */
export async function checkNotSetBack(
  pairs: readonly [Source, Target][],
  standings: readonly Pick<Standing, 'source'>[],
): Promise<void> {
  const check = async ([, target]: [Source, Target], number: number): Promise<void> => {
    const { missing } = await compareBeats(standings[number]?.source.heartbeat ?? 0, target)
    if (missing > 0) throw lostTarget(target.label)
  }
  await sideBySide(pairs, check)
}

/** `null`: somebody else has decided since. */
async function movePartition(
  collection: Collection,
  [source, target]: [Source, Target],
  step: Step,
  standing: Standing,
): Promise<Fence | null> {
  const { move, mover, now, epoch } = step
  // Where the target is still behind somebody else's decision, that has to be carried out first.
  const seen = Math.min(standing.source.fence.epoch, epochOf(standing.target))
  let plan: Plan | undefined
  await source.updateControl((control) => {
    plan = undefined
    // Both stores stood at `seen`; anything decided since has to be finished first.
    if (control.fence.epoch !== seen || (control.plan?.fence.epoch ?? 0) > seen) return null
    const decision = orRestated(decideMove(control.fence, move, now, epoch), control.fence, epoch)
    if (decision.kind === 'refused') return null
    const { fence, first, from, to } = decision
    const noted = { fence, first, by: mover.by, reason: mover.reason, at: now, from, to }
    plan = notedPlan(control, decision.isRestated ? { ...noted, ...stillToFollow(control) } : noted)
    return { ...control, plan, ...(first === 'source' ? { fence, hold: false } : {}) }
  })
  if (plan === undefined) return null
  if (await carryOut(plan, source, target, plan.first === 'source' ? plan.fence.epoch : 0)) return plan.fence
  return unlessTurned(collection, step, await reconcile(source, target))
}

/** Where it stands already, stages stay as they are under the new epoch: nobody goes on from the old one. */
function orRestated(decision: Decision, fence: Fence, epoch: number): Decision & { isRestated?: true } {
  if (decision.kind === 'move' || decision.reason !== 'already-there') return decision
  const { stage } = reach(fence)
  return { kind: 'move', from: stage, to: stage, first: 'source', fence: { ...fence, epoch }, isRestated: true }
}

export function pairsOf(collection: Collection): [Source, Target][] {
  return collection.source.partitions.map((source, number) => {
    const target = collection.target.partitions[number]
    if (target === undefined)
      throw new CutoverError('configuration', `The stores of ${collection.name} differ in their partitions.`)
    return [source, target]
  })
}
