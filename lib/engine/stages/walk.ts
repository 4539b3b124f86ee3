import { CutoverError } from '../../core/error.js'
import { STAGES, type Stage, stageIndex } from '../../core/stage.js'
import type { Refusal } from '../../core/transition.js'
import { auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { furthest, type MoveResult, type Mover, moveStage, pairsOf } from './move.js'

export interface WalkRequest {
  collection: string
  direction: 'up' | 'down'
  to?: Stage | undefined
  rolloutPercent?: number | undefined
  /** The verb, for the audit trail. */
  action: string
}

export type WalkResult =
  | {
      kind: 'moved'
      from: Stage
      to: Stage
      epoch: number
      rolloutPercent: number
      /** The goal was further away: what has to be done before the next step. */
      pending: { to: Stage; reason: Refusal } | null
    }
  | { kind: 'refused'; reason: Refusal; from: Stage; to: Stage }

/**
 * Moves step by step towards a stage, as far as it is safe now, and writes each step into the audit trail. A rollout
 * percentage belongs to the last step.
 */
export async function walkStages(context: EngineContext, request: WalkRequest, mover: Mover): Promise<WalkResult> {
  const collection = collectionOf(context, request.collection)
  const { direction, rolloutPercent } = request
  let from: Stage | null = null
  let last: Extract<MoveResult, { kind: 'moved' }> | null = null
  for (let step = 0; step < STAGES.length; step++) {
    const next = await nextGoal(context, request)
    const isLast = request.to === undefined || next === request.to
    const move = { direction, to: next, rolloutPercent: isLast ? rolloutPercent : undefined }
    const result: MoveResult = await moveStage(collection, move, mover, context)
    if (result.kind === 'refused') {
      if (last === null || from === null) return { ...result, to: request.to ?? result.to }
      return { ...last, from, pending: { to: request.to ?? result.to, reason: result.reason } }
    }
    await record(context, request, mover, result)
    from ??= result.from
    last = result
    if (isLast) return { ...last, from, pending: null }
  }
  throw new CutoverError('contended', `The stage of ${request.collection} keeps changing. Look again.`)
}

/** One stage further in the direction; jumps that the table of steps allows going down are taken at once. */
async function nextGoal(
  context: EngineContext,
  { collection: name, direction, to }: WalkRequest,
): Promise<Stage | undefined> {
  if (to === undefined) return undefined
  const collection = collectionOf(context, name)
  const fences = await Promise.all(pairsOf(collection).map(async ([source]) => (await source.control()).fence))
  const { stage, percent } = furthest(fences)
  const gap = stageIndex(to) - stageIndex(stage)
  if (direction === 'up' && gap > 1) return percent < 100 ? stage : STAGES[stageIndex(stage) + 1]
  if (direction === 'down' && gap < -1 && !(stage === 'live' && to === 'dualwrite'))
    return STAGES[stageIndex(stage) - 1]
  return to
}

async function record(
  { ledger, clock }: EngineContext,
  { action, collection, rolloutPercent }: WalkRequest,
  { by, reason }: Mover,
  { from, to, epoch }: Extract<MoveResult, { kind: 'moved' }>,
): Promise<void> {
  const after = { stage: to, epoch, rolloutPercent: rolloutPercent ?? null }
  const entry = auditEntry({ at: clock.now(), by, action, collection, reason, before: { stage: from }, after })
  const known = await ledger.read(auditedKey(collection)).catch(() => null)
  // The ledger may be what is out of reach (a rollback must not wait for it): the watch enters the decision later.
  await ledger
    .commit([{ key: auditedKey(collection), ifRevision: known?.revision ?? null, value: { epoch } }], [entry])
    .catch(() => {})
}

/** The epoch of the latest stage change that the audit trail holds. */
export function auditedKey(collection: string): string {
  return `audited/${collection}`
}

/** Enters a decision that was made while the ledger could not be reached; the source's document has kept who and why. */
export async function enterMissedDecision(context: EngineContext, name: string): Promise<boolean> {
  const [first] = pairsOf(collectionOf(context, name))
  const plan = first === undefined ? null : (await first[0].control()).plan
  if (plan === null) return false
  const known = await context.ledger.read(auditedKey(name))
  const entered = (known?.value as { epoch: number } | undefined)?.epoch ?? 0
  if (plan.fence.epoch <= entered) return false
  const { by, reason, at, from, to, fence } = plan
  const entry = auditEntry({
    at,
    by,
    action: 'change-stage',
    collection: name,
    reason,
    before: { stage: from },
    after: { stage: to, epoch: fence.epoch },
  })
  const change = { key: auditedKey(name), ifRevision: known?.revision ?? null, value: { epoch: fence.epoch } }
  return (await context.ledger.commit([change], [entry])).kind === 'committed'
}
