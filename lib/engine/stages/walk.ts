import type { Place } from '../../core/collection-move.js'
import { CutoverError } from '../../core/error.js'
import type { StageRefusal } from '../../core/refusals.js'
import type { Stage } from '../../core/stage.js'
import { goalAbove, STEPS_MAX, stepFrom, type Walk } from '../../core/walk.js'
import { type AcceptedRisk, refuseGivingUp } from '../checkpoints/giving-up.js'
import { collectionOf, type EngineContext } from '../context.js'
import { whatForbids } from '../switches/guard.js'
import { enterDecision, enterMissedDecisions } from './audited.js'
import { type MoveResult, type Mover, moveStage } from './move.js'
import { epochMoved, readStands, type Stands } from './stands.js'

export interface WalkRequest extends Walk {
  collection: string
  /** The verb, for the audit trail. */
  action: string
  /** The source is given up without proof that the target has everything. */
  acceptRisk?: AcceptedRisk | undefined
  /** Only if the collection still stands at this epoch; otherwise it is refused as `epoch-moved`, and nothing is done. */
  ifEpoch?: number | undefined
}

export type WalkResult =
  | {
      kind: 'moved'
      from: Stage
      to: Stage
      epoch: number
      rolloutPercent: number
      /** The goal was further away: what has to be done before the next step. */
      pending: { to: Stage; reason: StageRefusal } | null
    }
  | Extract<MoveResult, { kind: 'refused' }>

type Moved = Extract<MoveResult, { kind: 'moved' }>

/**
 * Moves step by step towards a stage, as far as it is safe now, and writes each step into the audit trail. A rollout
 * percentage belongs to the last step. Asked for at an epoch, each further step is taken from the epoch that the step
 * before it has made: what somebody else decides in between ends the walk.
 */
export async function walkStages(context: EngineContext, request: WalkRequest, mover: Mover): Promise<WalkResult> {
  const collection = collectionOf(context, request.collection)
  let from: Stage | null = null
  let last: Moved | null = null
  let ifEpoch = request.ifEpoch
  const missed = enterMissedDecisions(context, request.collection).catch(ignoreFault)
  for (let step = 0; step < STEPS_MAX; step++) {
    const [place] = await Promise.all([readStands(collection.source.partitions), missed])
    const { move, isLast } = stepFrom(place, request)
    const forbidden = await forbidding(context, { ...request, ifEpoch }, place)
    const givesUp = forbidden === null && goalAbove(place, move) === 'complete'
    const unproved = givesUp ? await refuseGivingUp(context, request, mover) : null
    const result: MoveResult =
      forbidden ??
      (unproved === null
        ? await moveStage(collection, { ...move, ifEpoch }, mover, context)
        : { kind: 'refused', ...unproved, from: place.stage, to: 'complete' })
    if (result.kind === 'refused') {
      if (last === null || from === null) return { ...result, to: request.to ?? result.to }
      return { ...last, from, pending: { to: request.to ?? result.to, reason: result.reason } }
    }
    await enter(context, request, mover, place, result)
    from ??= result.from
    last = result
    if (ifEpoch !== undefined) ifEpoch = result.epoch
    if (isLast) return { ...last, from, pending: null }
  }
  throw new CutoverError('contended', `The stage of ${request.collection} keeps changing. Look again.`)
}

/**
 * Going up, nothing is begun of a way whose end is forbidden, nor gone on with: a stop may have been entered since the
 * step before. Nor is anything done of what was asked at another epoch.
 */
export async function forbidding(
  context: EngineContext,
  { collection, ifEpoch, ...walk }: WalkRequest,
  place: Stands,
): Promise<Extract<WalkResult, { kind: 'refused' }> | null> {
  const goal = goalAbove(place, walk)
  // A target may be ahead of its source, and is asked by the step itself.
  if (ifEpoch !== undefined && place.epoch > ifEpoch)
    return epochMoved(collection, ifEpoch, place, walk.to ?? goal ?? place.stage)
  if (goal === null) return null
  const forbidden = await whatForbids(context, collection, goal)
  return forbidden === null ? null : { kind: 'refused', ...forbidden, from: place.stage, to: goal }
}

/**
 * The way down to a stage for whoever must not come second: where somebody else was faster, it is taken from where that
 * has led. Asked for without an epoch.
 */
export async function walkDown(
  context: EngineContext,
  request: WalkRequest & { direction: 'down'; to: Stage },
  mover: Mover,
): Promise<WalkResult> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await walkStages(context, request, mover)
    } catch (error) {
      const isRace = error instanceof CutoverError && error.details?.reason === 'epoch-moved'
      if (!isRace || request.ifEpoch !== undefined || attempt === ATTEMPTS_MAX) throw error
    }
  }
}

/** Others who decide at the same moments. */
const ATTEMPTS_MAX = 5

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
