import type { Component } from '../../core/component.js'
import { CutoverError } from '../../core/error.js'
import { targetReadPercent } from '../../core/fence.js'
import { effectivePercent } from '../../core/flags/schedule.js'
import { FLAG_AT_ONCE, type Procedure, toSource } from '../../core/rollback/procedure.js'
import { begun, type Rollback, type RollbackCause } from '../../core/rollback/rollback.js'
import type { Stage } from '../../core/stage.js'
import { componentOf } from '../components.js'
import { collectionOf, type EngineContext } from '../context.js'
import { readNamedFlag } from '../flags/flags.js'
import { furthest, type Mover, pairsOf } from '../stages/move.js'
import { epochMoved, readStandsOfBoth } from '../stages/stands.js'
import type { WalkResult } from '../stages/walk.js'
import { seenFences } from '../status.js'
import { drive, driveAtOnce } from './drive.js'
import { driveFromEpoch } from './from-epoch.js'
import { commit, enter, goalOf, type Held, newId, readRollback } from './kept.js'
import { changePending } from './pending.js'
import { procedureFor } from './procedures.js'
import { rehearse } from './rehearse.js'

export interface RollbackRequest {
  component: string
  /** Default: that of the component, else that of its kind. */
  procedure?: string | undefined
  /** How far back a collection goes. Default: shadow, where reads come from the source. */
  to?: Stage | undefined
  /** Says what would happen, and changes nothing. */
  rehearsal?: boolean | undefined
  cause: RollbackCause
}

/**
 * Rolls a component back: what the protocol allows at once is done before this answers, the rest goes on by the tick and
 * at the end of each run. A store or a ledger that is away throws nothing: the rollback says how far it came, and goes on
 * when they answer. What is thrown is the caller's: a component or a procedure that there is not.
 *
 * - Two at once for one component: one rollback; the other call joins it, or supersedes it if it leads further back.
 * - A crash at any moment: what was moved is moved; the rest goes on if the rollback was recorded, which is begun
 *   before the moves and finished after them. If not, whoever called has had no answer and calls again.
 * - The ledger away: the moves of a collection are made all the same, and the rest is kept beside the source's
 *   documents (`pending.ts`) until the ledger answers.
 */
export async function rollBackComponent(
  context: EngineContext,
  request: RollbackRequest,
  mover: Mover,
): Promise<Rollback> {
  const { beginning, kind } = await beginningOf(context, request, mover)
  if (request.rehearsal) return rehearse(context, beginning)
  const [entered, moved] = await Promise.all([
    enter(context, beginning).catch(ifAway(null)),
    kind === 'collection' ? driveAtOnce(context, beginning) : beginning,
  ])
  return goOn(context, entered, moved)
}

/**
 * The same for a collection only if it still stands at an epoch. What is moved first is moved by compare-and-swap from
 * there, before anything is entered: of two who looked at the same epoch one is refused, and nothing of that one's
 * rollback is begun. Where it cannot be told at which epoch the collection stands, this throws.
 */
export async function rollBackFromEpoch(
  context: EngineContext,
  request: RollbackRequest & { ifEpoch: number },
  mover: Mover,
): Promise<Rollback | Extract<WalkResult, { kind: 'refused' }>> {
  const { component, ifEpoch } = request
  const { beginning, kind } = await beginningOf(context, request, mover)
  if (kind !== 'collection')
    throw new CutoverError('invalid-input', `${component} is no collection, and stands at no epoch: leave ifEpoch out.`)
  const stands = await readStandsOfBoth(pairsOf(collectionOf(context, component)))
  if (stands.epoch !== ifEpoch) return epochMoved(component, ifEpoch, stands, goalOf(beginning) ?? stands.stage)
  if (request.rehearsal) return rehearse(context, beginning)
  const moved = await driveFromEpoch(context, beginning, ifEpoch)
  if ('kind' in moved) return moved
  return goOn(context, await enter(context, beginning).catch(ifAway(null)), moved)
}

async function beginningOf(
  context: EngineContext,
  request: RollbackRequest,
  mover: Mover,
): Promise<{ beginning: Rollback; kind: Component['kind'] }> {
  const { component, cause } = request
  const kind = await kindOf(context, component)
  const procedure = await chosen(context, request, kind)
  const id = newId(context)
  const from = await standing(context, component, kind).catch(ifAway(null))
  return { beginning: begun({ id, component, procedure, cause, ...mover, at: context.clock.now(), from }), kind }
}

/** `entered`: `null` where the ledger did not answer. `moved`: after what could be done at once. */
async function goOn(
  context: EngineContext,
  entered: Awaited<ReturnType<typeof enter>> | null,
  moved: Rollback,
): Promise<Rollback> {
  const deadlineAt = context.clock.now() + CALL_MS
  try {
    if (entered === null) return await keepPending(context, moved)
    const held = entered.kind === 'joined' ? entered.held : await recorded(context, entered.held, moved)
    return await drive(context, held, deadlineAt)
  } catch (error) {
    return ifAway({ ...moved, recorded: entered !== null })(error)
  }
}

/** How long a call goes on beyond what is done at once, in milliseconds. */
const CALL_MS = 5_000

/** Without the ledger a name that is no collection's cannot be looked up; only what flags switch is kept there. */
async function kindOf(context: EngineContext, name: string): Promise<Component['kind']> {
  try {
    return (await componentOf(context, name)).kind
  } catch (error) {
    return ifAway('flag' as const)(error)
  }
}

async function chosen(context: EngineContext, request: RollbackRequest, kind: Procedure['for']): Promise<Procedure> {
  try {
    return await procedureFor(context, request.component, kind, request)
  } catch (error) {
    // A procedure that cannot be read must not hold up the way back.
    return ifAway(kind === 'collection' ? toSource(request.to) : FLAG_AT_ONCE)(error)
  }
}

async function standing(context: EngineContext, component: string, kind: Component['kind']): Promise<Rollback['from']> {
  if (kind === 'collection') {
    const { fences } = await seenFences(collectionOf(context, component))
    return { stage: furthest(fences).stage, targetReadPercent: Math.min(...fences.map(targetReadPercent)) }
  }
  const found = await componentOf(context, component)
  if (found.kind !== 'flag') return null
  return { percent: effectivePercent(await readNamedFlag(context, found.flag), context.clock.now()) }
}

/** Records the moves that were made meanwhile, unless another driver has gone on already. */
async function recorded(context: EngineContext, held: Held, moved: Rollback): Promise<Held> {
  if (moved === held.rollback) return held
  const committed = await commit(context, held, moved)
  return committed ?? (await readRollback(context.ledger, held.rollback.id))
}

async function keepPending(context: EngineContext, moved: Rollback): Promise<Rollback> {
  const rollback: Rollback = { ...moved, recorded: false }
  await changePending(context.documents, (pending) => ({
    ...pending,
    rollbacks: [...pending.rollbacks.filter(({ component }) => component !== rollback.component), rollback],
  })).catch(ifAway(undefined))
  return rollback
}

/** What to answer in place of an error that says that somebody could not be reached, or was faster. */
export function ifAway<T>(otherwise: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof CutoverError && AWAY.has(error.code)) return otherwise
    throw error
  }
}

const AWAY: ReadonlySet<CutoverError['code']> = new Set(['unavailable', 'conflict', 'contended', 'outcome-unknown'])
