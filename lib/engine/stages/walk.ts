import { CutoverError } from '../../core/error.js'
import type { ForbiddenReason } from '../../core/rollback/forbidden.js'
import { STAGES, type Stage, stageIndex } from '../../core/stage.js'
import type { Refusal } from '../../core/transition.js'
import { type AcceptedRisk, refuseGivingUp } from '../checkpoints/giving-up.js'
import type { Collection } from '../collection.js'
import { collectionOf, type EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { whatForbids } from '../switches/guard.js'
import { enterDecision, enterMissedDecisions } from './audited.js'
import { furthest, type MoveResult, type Mover, moveStage, pairsOf } from './move.js'

export interface WalkRequest {
  collection: string
  direction: 'up' | 'down'
  to?: Stage | undefined
  rolloutPercent?: number | undefined
  /** The verb, for the audit trail. */
  action: string
  /** The source is given up without proof that the target has everything. */
  acceptRisk?: AcceptedRisk | undefined
}

export type WalkResult =
  | {
      kind: 'moved'
      from: Stage
      to: Stage
      epoch: number
      rolloutPercent: number
      /** The goal was further away: what has to be done before the next step. */
      pending: { to: Stage; reason: Refusal | ForbiddenReason } | null
    }
  | Extract<MoveResult, { kind: 'refused' }>

type Moved = Extract<MoveResult, { kind: 'moved' }>

/** The furthest stage, and the share of slots that stand there. */
type Place = ReturnType<typeof furthest>

/** A rollout may have to be finished at every stage before the next one begins. */
const STEPS_MAX = 2 * STAGES.length

/**
 * Moves step by step towards a stage, as far as it is safe now, and writes each step into the audit trail. A rollout
 * percentage belongs to the last step.
 */
export async function walkStages(context: EngineContext, request: WalkRequest, mover: Mover): Promise<WalkResult> {
  const collection = collectionOf(context, request.collection)
  const { direction, rolloutPercent } = request
  let from: Stage | null = null
  let last: Moved | null = null
  const missed = enterMissedDecisions(context, request.collection).catch(ignoreFault)
  for (let step = 0; step < STEPS_MAX; step++) {
    const [place] = await Promise.all([placeOf(collection), missed])
    const next = nextGoal(place, request)
    const isLast = request.to === undefined || next === request.to
    const forbidden = step === 0 ? await forbidding(context, request, place) : null
    if (forbidden !== null) return forbidden
    const move = { direction, to: next, rolloutPercent: isLast ? rolloutPercent : undefined }
    const unproved = goalIn(place, move) === 'complete' ? await refuseGivingUp(context, request, mover) : null
    const result: MoveResult =
      unproved === null
        ? await moveStage(collection, move, mover, context)
        : { kind: 'refused', ...unproved, from: place.stage, to: 'complete' }
    if (result.kind === 'refused') {
      if (last === null || from === null) return { ...result, to: request.to ?? result.to }
      return { ...last, from, pending: { to: request.to ?? result.to, reason: result.reason } }
    }
    await enter(context, request, mover, place, result)
    from ??= result.from
    last = result
    if (isLast) return { ...last, from, pending: null }
  }
  throw new CutoverError('contended', `The stage of ${request.collection} keeps changing. Look again.`)
}

/** Going up, nothing is begun of a way whose end is forbidden. */
async function forbidding(
  context: EngineContext,
  request: WalkRequest,
  place: Place,
): Promise<Extract<WalkResult, { kind: 'refused' }> | null> {
  const goal = goalIn(place, request)
  if (goal === null) return null
  const forbidden = await whatForbids(context, request.collection, goal)
  return forbidden === null ? null : { kind: 'refused', ...forbidden, from: place.stage, to: goal }
}

/** The stage that a way up leads to from here; `null`: it is no way up, or leads nowhere. */
function goalIn(
  { stage, percent }: Place,
  { direction, to }: { direction: 'up' | 'down'; to?: Stage | undefined },
): Stage | null {
  if (direction === 'down') return null
  const goal = to ?? (percent < 100 ? stage : (STAGES[stageIndex(stage) + 1] ?? stage))
  return stageIndex(goal) < stageIndex(stage) || (goal === stage && percent === 100) ? null : goal
}

async function placeOf(collection: Collection): Promise<Place> {
  return furthest(await sideBySide(pairsOf(collection), async ([source]) => (await source.control()).fence))
}

/**
 * One stage further in the direction. Going up, a rollout that has begun is finished before the next stage, unless
 * the goal lies within it; going down, the jump that the table of steps allows is taken at once.
 */
function nextGoal({ stage, percent }: Place, { direction, to, rolloutPercent }: WalkRequest): Stage | undefined {
  if (to === undefined) {
    // From here there is one way down, whatever stages the other slots stand at.
    const oneWay = direction === 'down' && (stage === 'rampdown' || stage === 'complete')
    return oneWay ? STAGES[stageIndex(stage) - 1] : undefined
  }
  const gap = stageIndex(to) - stageIndex(stage)
  if (direction === 'up' && gap > 0 && percent < 100 && (gap > 1 || (rolloutPercent ?? 100) > percent)) return stage
  if (direction === 'up' && gap > 1) return STAGES[stageIndex(stage) + 1]
  if (direction === 'down' && gap < -1 && !(stage === 'live' && to === 'dualwrite'))
    return STAGES[stageIndex(stage) - 1]
  return to
}

function enter(
  context: EngineContext,
  { action, collection }: WalkRequest,
  { by, reason }: Mover,
  place: Place,
  { to, epoch, rolloutPercent }: Moved,
): Promise<void> {
  const before = { stage: place.stage, rolloutPercent: place.percent }
  const after = { stage: to, rolloutPercent, epoch }
  return enterDecision(context, epoch, { at: context.clock.now(), by, action, collection, reason, before, after })
}

function ignoreFault(error: unknown): void {
  if (!(error instanceof CutoverError)) throw error
}
