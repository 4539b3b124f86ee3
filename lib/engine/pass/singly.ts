import { CutoverError } from '../../core/error.js'
import { backOff } from '../../core/failing/back-off.js'
import type { DeadLetter } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import type { PartitionState } from '../data-plane/partition.js'
import type { Marks } from '../stages/marks.js'
import { mendClash } from './mend.js'
import { NOTHING, type PassBatch, type PassCounts, passIds } from './pass.js'

/** Records of a batch that failed as a whole are tried one by one, this many at a time. */
export const SINGLY_MAX = 20
const ATTEMPTS_MAX = 3
const RETRY = { baseMs: 100, capMs: 1_000 }

/** A fault that one record may be the cause of; a store that does not answer, or cannot be read at all, is not. */
export function isOfRecord(error: unknown): error is CutoverError {
  if (!(error instanceof CutoverError)) return false
  if (error.code === 'corrupt-document') return error.details.document === undefined
  return error.code !== 'unavailable' && error.code !== 'contended'
}

/**
 * The same pass, one record after the other: what fails three times is set aside with its error, and the rest goes
 * through.
 */
export async function passSingly(
  context: EngineContext,
  state: PartitionState,
  page: { ids: readonly string[]; end: boolean },
  run: { collection: string; id: string },
  marks: Marks | null,
): Promise<{ batch: PassBatch; deadLetters: DeadLetter[] }> {
  const counts: PassCounts = { ...NOTHING.counts, read: page.ids.length }
  const deadLetters: DeadLetter[] = []
  for (const id of page.ids) {
    const letter = await passOne(context, state, id, { run, counts, marks })
    if (letter !== null) deadLetters.push(letter)
  }
  return { batch: { after: page.end ? null : (page.ids.at(-1) ?? null), counts, bytes: 0 }, deadLetters }
}

async function passOne(
  { clock }: EngineContext,
  state: PartitionState,
  id: string,
  { run, counts, marks }: { run: { collection: string; id: string }; counts: PassCounts; marks: Marks | null },
): Promise<DeadLetter | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      const one = await passRecord(state, id, clock, marks)
      counts.copied += one.copied
      counts.same += one.same
      counts.returned += one.returned
      if (one.copied + one.same + one.returned === 0) counts.skipped++
      return null
    } catch (error) {
      if (!isOfRecord(error)) throw error
      const { code, message } = error
      const letter = { collection: run.collection, id, runId: run.id, code, error: message, attempts: attempt }
      if (attempt === ATTEMPTS_MAX) return { ...letter, at: clock.now() }
      await clock.sleep(backOff({ attempt: attempt - 1, ...RETRY }, clock))
    }
  }
}

/** One record through the pass; a clash that cannot be mended is an error like any other. */
export async function passRecord(
  state: PartitionState,
  id: string,
  clock: EngineContext['clock'],
  marks: Marks | null = null,
): Promise<PassCounts> {
  const counts = await passIds(state, [id], marks)
  if (counts.clashes === 0 || (await mendClash(state, id, clock))) return counts
  throw new CutoverError('internal', 'Both stores know one version of the record, each by another write.', {
    details: { reason: 'clash' },
  })
}
