import { type CollectionDecision, decideCollectionMove, furthest, rolloutAfter } from '../../core/collection-move.js'
import { walkUsage } from '../../core/estimate/stages.js'
import { commandsOf } from '../../core/estimate/usage.js'
import type { Fence } from '../../core/fence.js'
import { type RollbackReadiness, rollbackReadiness } from '../../core/readiness.js'
import type { StageRefusal } from '../../core/refusals.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import { readsTarget, type Stage } from '../../core/stage.js'
import { type Consequences, consequencesOf } from '../../core/stage-preview.js'
import { goalAbove, STEPS_MAX, stepFrom } from '../../core/walk.js'
import type { Source, Target } from '../../ports/store.js'
import { holdersOf } from '../autopilot/holders.js'
import { refuseGivingUp } from '../checkpoints/giving-up.js'
import type { Collection } from '../collection.js'
import { collectionOf, type EngineContext } from '../context.js'
import { passFacts } from '../rollback/pass-facts.js'
import { listRuns } from '../runs/store.js'
import { sideBySide } from '../side-by-side.js'
import { checkNotSetBack, type MoveResult, pairsOf } from './move.js'
import { checkNotLost, epochOf, newestFence, type Standing, standingOf } from './reconcile.js'
import { standsAt } from './stands.js'
import { forbidding, type WalkRequest } from './walk.js'

export type Preview =
  | ({
      kind: 'would-move'
      from: Stage
      /** As far as it would come now. */
      to: Stage
      fromPercent: number
      rolloutPercent: number
      /** To be given as `ifEpoch`, so that what was previewed is what is done. */
      epoch: number
      steps: PreviewedStep[]
      pending: { to: Stage; reason: StageRefusal } | null
      rollbackAfter: RollbackReadiness
      /** Of the stores and the ledger, estimated; `null`: it cannot be told. */
      commands: number | null
    } & Consequences)
  | Refused

type Refused = Extract<MoveResult, { kind: 'refused' }>

export interface PreviewedStep {
  from: Stage
  to: Stage
  rolloutPercent: number
}

type Request = Omit<WalkRequest, 'action' | 'ifEpoch'>

/**
 * What `walkStages` with the same request would do now. It asks the stores and the ledger what the walk asks, decides
 * each step by what the walk decides by, and does nothing: no fence is raised, no decision finished, nothing entered.
 * What changes meanwhile is not in it; whoever acts on it gives its epoch along. A store that does not answer, or has
 * lost its data, throws here as it does there.
 */
export async function previewStageChange(context: EngineContext, request: Request): Promise<Preview> {
  const collection = collectionOf(context, request.collection)
  const standings = await sideBySide(pairsOf(collection), look)
  const controls = standings.map(({ source }) => source)
  const stands = standsAt(
    controls,
    standings.map(({ target }) => epochOf(target)),
  )
  // What somebody has decided is finished first by whoever walks.
  const before = standings.map(newestFence)
  const start = furthest(before)
  const forbidden = await forbidding(context, { ...request, action: 'preview-stage-change' }, { ...stands, ...start })
  if (forbidden !== null) return forbidden
  const walked = await walkInMind(context, collection, request, standings, before)
  const [first] = walked.steps
  const last = walked.steps.at(-1)
  if (first === undefined || last === undefined) return { ...walked.stopped, to: request.to ?? walked.stopped.to }
  const rollbackAfter = rollbackReadiness(walked.fences, await passFacts(context, request.collection))
  const leavesBehind = collection.leaseMs !== null
  const { direction } = request
  const change = { before, after: walked.fences, direction, to: last.to, rollbackAfter, leavesBehind }
  const { changes, dangerous, warnings } = consequencesOf(change)
  const around = await aroundIt(context, request.collection, settling(standings))
  const partitions = standings.length
  const { stopped } = walked
  return {
    kind: 'would-move',
    from: first.from,
    to: last.to,
    fromPercent: start.percent,
    rolloutPercent: last.rolloutPercent,
    epoch: stands.epoch,
    steps: walked.steps,
    pending: walked.ended ? null : { to: request.to ?? stopped.to, reason: stopped.reason },
    changes,
    rollbackAfter,
    commands: walked.steps.reduce((total, { to }) => total + commandsOf(walkUsage(partitions, to)), 0),
    dangerous: dangerous || walked.risk !== null,
    warnings: [...(walked.risk === null ? [] : [walked.risk]), ...warnings, ...around],
  }
}

async function look([source, target]: [Source, Target]): Promise<Standing> {
  const standing = await standingOf(source, target)
  checkNotLost(standing, target.label)
  return standing
}

interface Walked {
  steps: PreviewedStep[]
  fences: readonly Fence[]
  /** It came to the goal. */
  ended: boolean
  /** What stopped it, where it did not. */
  stopped: Refused
  /** A risk that would be taken. */
  risk: string | null
}

async function walkInMind(
  context: EngineContext,
  collection: Collection,
  request: Request,
  standings: readonly Standing[],
  before: readonly Fence[],
): Promise<Walked> {
  const start = furthest(before).stage
  const nowhere: Refused = { kind: 'refused', reason: 'already-there', from: start, to: request.to ?? start }
  const walked: Walked = { steps: [], fences: before, ended: false, stopped: nowhere, risk: null }
  const now = context.clock.now()
  for (let step = 0; step < STEPS_MAX && !walked.ended; step++) {
    const place = furthest(walked.fences)
    const { move, isLast } = stepFrom(place, request)
    if (goalAbove(place, move) === 'complete') {
      const asked = { collection: request.collection, action: 'preview-stage-change' }
      const unproved = await refuseGivingUp(context, asked, NOBODY)
      if (unproved !== null && request.acceptRisk !== unproved.reason) {
        const stopped: Refused = { kind: 'refused', ...unproved, from: place.stage, to: 'complete' }
        return { ...walked, stopped }
      }
      if (unproved !== null) walked.risk = riskInWords(unproved)
    }
    const decided = decideCollectionMove(walked.fences, move, now)
    if (decided.kind === 'refused') return { ...walked, stopped: decided }
    if (move.direction === 'up' && readsTarget(decided.to)) await checkNotSetBack(pairsOf(collection), standings)
    walked.steps.push(stepOf(decided))
    walked.fences = after(walked.fences, decided)
    walked.ended = isLast
  }
  return walked
}

function riskInWords({ reason, details: { message } }: Forbidden): string {
  const [because = ''] = String(message ?? '').split('. ')
  return `The risk ${reason} would be taken, and kept in the audit trail: ${because}.`
}

/** Nothing is entered for whoever only looks: no risk is taken. */
const NOBODY = { by: 'nobody', reason: 'a preview' }

type Decided = Extract<CollectionDecision, { kind: 'move' }>

function stepOf({ from, to, decisions }: Decided): PreviewedStep {
  const moved = decisions.flatMap((decision) => (decision.kind === 'move' ? [decision.fence] : []))
  return { from, to, rolloutPercent: rolloutAfter(moved, to) }
}

function after(fences: readonly Fence[], { decisions }: Decided): Fence[] {
  return fences.map((fence, number) => {
    const decision = decisions[number]
    return decision?.kind === 'move' ? decision.fence : fence
  })
}

function settling(standings: readonly Standing[]): boolean {
  return standings.some((standing) => {
    const { epoch, plain } = newestFence(standing)
    return !plain && (standing.source.fence.epoch < epoch || epochOf(standing.target) < epoch)
  })
}

/** Who else is at work on the collection. */
async function aroundIt(context: EngineContext, name: string, isSettling: boolean): Promise<string[]> {
  const [holders, runs] = await Promise.all([
    holdersOf(context, [name]),
    listRuns(context.ledger, { collection: name, active: true, limit: RUNS_MAX }),
  ])
  const plan = holders.get(name)
  const told: string[] = []
  if (isSettling) told.push('An earlier decision is not carried out at both stores yet: this would finish it first.')
  if (plan !== undefined)
    told.push(`The plan ${plan} steers ${name}, and may move it on from there: pause the plan if it should not.`)
  for (const { id, kind, status } of runs)
    told.push(`The run ${id} (${kind}) is ${status}: what it has looked at may not count after the change.`)
  return told
}

const RUNS_MAX = 5
