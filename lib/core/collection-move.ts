import { type Fence, reach } from './fence.js'
import { type Stage, stageIndex } from './stage.js'
import { type Decision, decideMove, type Move, type Refusal } from './transition.js'

/** How far a collection has come: the furthest stage, and the share of slots that stand there. */
export interface Place {
  stage: Stage
  percent: number
}

export type CollectionDecision =
  /** `decisions`: of each partition; some may be there already. */
  | { kind: 'move'; from: Stage; to: Stage; epoch: number; decisions: readonly Decision[] }
  | { kind: 'refused'; reason: Refusal; from: Stage; to: Stage }

/**
 * One step of a whole collection, decided from the fences of its partitions at wall-clock time `now`: who moves, who
 * previews and who rehearses decide by this. One partition that refuses refuses for all; the new epoch is beyond that
 * of every partition.
 */
export function decideCollectionMove(fences: readonly Fence[], move: Move, now: number): CollectionDecision {
  const epoch = Math.max(...fences.map((fence) => fence.epoch)) + 1
  const from = furthest(fences).stage
  const to = move.to ?? goalOf(fences, move, now)
  const decisions = fences.map((fence) => decideMove(fence, { ...move, to }, now, epoch))
  const refusals = decisions.flatMap((decision) => (decision.kind === 'refused' ? [decision.reason] : []))
  const refusal = refusals.find((reason) => reason !== 'already-there')
  if (refusal !== undefined) return { kind: 'refused', reason: refusal, from, to }
  if (refusals.length === decisions.length) return { kind: 'refused', reason: 'already-there', from, to }
  return { kind: 'move', from, to, epoch, decisions }
}

/** Where a step to `to` has brought the partitions that it moved: the share of slots that stand there. */
export function rolloutAfter(moved: readonly Fence[], to: Stage): number {
  const reached = furthest(moved)
  return reached.stage === to ? reached.percent : 100
}

/** The furthest stage of any partition, with the lowest share that stands there. */
export function furthest(fences: readonly Fence[]): Place {
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
