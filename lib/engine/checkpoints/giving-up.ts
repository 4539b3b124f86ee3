import type { SourceControl } from '../../core/protocol/answers.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from '../stages/move.js'
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
  const faults = controls.map((control) => faultOf(control, proof.epoch)).filter((fault) => fault !== null)
  const [because = 'proved'] = faults
  return { proved: faults.length === 0, because, proof }
}

export type NotProved =
  | 'never-checked'
  | 'check-did-not-prove-it'
  | 'not-in-rampdown' // some records are not even there yet
  | 'checked-before' // something was decided after the check that it does not cover

function faultOf({ fence, plan }: SourceControl, epoch: number): NotProved | null {
  const isPast = fence.ranges.every(({ stage }) => stage === 'rampdown' || stage === 'complete')
  if (!isPast) return 'not-in-rampdown'
  if (fence.ranges.some(({ era }) => era > epoch)) return 'checked-before'
  if (fence.epoch <= epoch) return null
  const notes = plan === null ? [] : notesOf(plan)
  const since = notes.filter((note) => note.epoch > epoch)
  const isRemembered = notes.some((note) => note.epoch <= epoch)
  const led = since.every(({ from, to }) => to === 'complete' && (from === 'rampdown' || from === 'complete'))
  return isRemembered && led ? null : 'checked-before'
}
