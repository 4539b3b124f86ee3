import { CutoverError } from '../../core/error.js'
import type { SourceControl } from '../../core/protocol/answers.js'
import type { Forbidden } from '../../core/rollback/forbidden.js'
import { enterAudit } from '../audit.js'
import type { Collection } from '../collection.js'
import { collectionOf, type EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { type Mover, pairsOf } from '../stages/move.js'
import { notesOf } from '../stages/noted.js'
import { latestZeroLoss, type ZeroLoss } from '../validate/zero-loss.js'

/**
 * Whether the source may be given up: a zero-loss check has proved, since all records came to rampdown, that the target
 * holds everything that was ever acknowledged, and nothing has happened since that the proof does not cover. From
 * rampdown on only the target acknowledges, so what was proved then stays true while it loses nothing.
 *
 * It goes by epochs, not by clocks: every decision since the proof must have led to complete, and none may have
 * renumbered the records (as a target that lost data makes necessary). Where the source's documents do not remember all
 * decisions since the proof, it is not proved. What cannot go wrong: a proof from before rampdown, or from before a way
 * back, never counts.
 */
export async function zeroLossStanding(
  { ledger }: Pick<EngineContext, 'ledger'>,
  collection: Collection,
): Promise<{ proved: boolean; because: NotProved | 'proved'; proof: ZeroLoss | null }> {
  const proof = await latestZeroLoss({ ledger }, collection)
  if (proof === null) return { proved: false, because: 'never-checked', proof }
  if (!proof.proved) return { proved: false, because: 'check-did-not-prove-it', proof }
  const controls = await sideBySide(pairsOf(collection), ([source]) => source.control())
  // Partitions count epochs each for itself; a proof that does not tell of each says nothing of those it lacks.
  const { epochs = [] } = proof as { epochs?: number[] }
  const faults = controls.map((control, number) => faultOf(control, epochs[number])).filter((fault) => fault !== null)
  const [because = 'proved'] = faults
  return { proved: faults.length === 0, because, proof }
}

export type NotProved =
  | 'never-checked'
  | 'check-did-not-prove-it'
  | 'not-in-rampdown' // some records are not even there yet
  | 'checked-before' // something was decided after the check that it does not cover

/** A risk that somebody takes by name. */
export const ZERO_LOSS_NOT_PROVED = 'zero-loss-not-proved'
export type AcceptedRisk = typeof ZERO_LOSS_NOT_PROVED

/**
 * Why the source may not be given up now; `null`: it may. A risk that is taken is entered into the audit trail before
 * anything is done, and if it cannot be, nothing is.
 */
export async function refuseGivingUp(
  context: EngineContext,
  { collection, action, acceptRisk }: { collection: string; action: string; acceptRisk?: AcceptedRisk | undefined },
  { by, reason }: Mover,
): Promise<Forbidden | null> {
  const { proved, because, proof } = await zeroLossStanding(context, collectionOf(context, collection))
  if (proved) return null
  const zeroLossRunId = proof?.runId ?? null
  if (acceptRisk === ZERO_LOSS_NOT_PROVED) {
    const [before, after] = [{ zeroLoss: because, zeroLossRunId }, { acceptedRisk: acceptRisk }]
    await enterAudit(context, { by, action, collection, reason, before, after })
    return null
  }
  return { reason: ZERO_LOSS_NOT_PROVED, details: { zeroLoss: because, zeroLossRunId, message: MESSAGE[because] } }
}

/** The same for what is not a stage change: throws `conflict`. A collection that is not there yet is told so elsewhere. */
export async function checkGivingUp(
  context: EngineContext,
  request: Parameters<typeof refuseGivingUp>[1],
  mover: Mover,
): Promise<void> {
  const refusal = await refuseGivingUp(context, request, mover)
  if (refusal === null || refusal.details.zeroLoss === 'not-in-rampdown') return
  const { reason, details } = refusal
  throw new CutoverError('conflict', `${request.collection}: ${details.message ?? reason}`, {
    details: { ...details, reason },
  })
}

const MEND = 'Run check-zero-loss while the collection stands in rampdown, or say that you take the risk (acceptRisk).'
const MESSAGE: { [because in NotProved | 'proved']: string } = {
  'never-checked': `It was never checked that the target has every acknowledged record. ${MEND}`,
  'check-did-not-prove-it': `The latest zero-loss check did not prove it: see show-zero-loss. ${MEND}`,
  'not-in-rampdown': `Not all records are in rampdown yet. ${MEND}`,
  'checked-before': `The latest zero-loss check is older than the latest decision that it would have to cover. ${MEND}`,
  proved: 'It is proved.',
}

function faultOf({ fence, plan }: SourceControl, epoch: number | undefined): NotProved | null {
  const isPast = fence.ranges.every(({ stage }) => stage === 'rampdown' || stage === 'complete')
  if (!isPast) return 'not-in-rampdown'
  if (epoch === undefined || fence.ranges.some(({ era }) => era > epoch)) return 'checked-before'
  if (fence.epoch <= epoch) return null
  const notes = plan === null ? [] : notesOf(plan)
  const since = notes.filter((note) => note.epoch > epoch)
  const isRemembered = notes.some((note) => note.epoch <= epoch)
  const led = since.every(({ from, to }) => to === 'complete' && (from === 'rampdown' || from === 'complete'))
  return isRemembered && led ? null : 'checked-before'
}
