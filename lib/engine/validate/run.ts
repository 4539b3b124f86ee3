import { digestText } from '../../core/compare/digest.js'
import { LIGHTER, ROUND_RECORDS_MAX, ROUND_RECORDS_MIN, ROUNDS_MS } from '../../core/compare/round.js'
import { STRETCH_RECORDS_MAX } from '../../core/compare/stretch.js'
import type { Json } from '../../core/json.js'
import { isFree, paceOf, type Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { partitionStates } from '../data-plane/partition.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { tellOfLoss } from '../runs/tell-of-loss.js'
import { sideBySide } from '../side-by-side.js'
import { pairsOf } from '../stages/move.js'
import { compareRound, type Round } from './round.js'
import { parseValidateInput, type ValidateInput } from './run-input.js'
import { finished } from './sight.js'
import { addTallies, NOTHING_TALLIED } from './tally.js'
import { concludeZeroLoss } from './zero-loss.js'
import { beginMarks, checkMarks, type ZeroLossFacts } from './zero-loss-marks.js'

/**
 * Compares a whole collection, in both directions, while it is read and written.
 *
 * What it is: every record that either store lists is compared once, at some moment of the run, and what differs is
 * looked at again until it matches or stands still. What it is not: a picture of one moment; and it declares nothing
 * full, not even with `repair`: only a back-fill, which is a complete pass, may do that. What cannot go wrong: a
 * record in two stores that agree is not reported, whatever is written meanwhile. What can: a record that appears
 * behind the run's position is not seen.
 *
 * The target compares for itself, and only where it does not hold what the source holds is anything read (`round.ts`):
 * an unchanged collection costs a command for some 2,000 records, and no value leaves the target.
 *
 * Counters: compared = matched + mismatched + inconclusive; inspected of those compared, which were read; repaired of
 * those mismatched; missing and extra of those mismatched; stretches that the target was asked about; unlisted pages; for
 * zero loss covered, uncovered and setBacks. The digests are kept as sums of their halves.
 */
export const validateRun: RunKind = {
  async begin(_context, collection, input) {
    const { zeroLoss } = parseValidateInput(input)
    const counts = await sideBySide(pairsOf(collection), async ([source]) => {
      if ((await source.control()).fence.plain) throw finished(collection)
      return source.count()
    })
    const atSource = counts.reduce((sum, { records, tombstones }) => sum + records + tombstones, 0)
    const { records, tombstones } = await collection.target.count()
    const facts = zeroLoss ? await beginMarks(collection) : null
    const cursor: ValidateCursor = { after: null, compared: false, marks: facts?.marks ?? null }
    return {
      cursor: cursor as unknown as Json,
      total: Math.max(atSource, records + tombstones),
      ...(facts === null ? {} : { facts: { zeroLossFacts: facts as unknown as Json } }),
    }
  },
  async batch(context, collection, run, limit): Promise<BatchDone> {
    const cursor = run.cursor as unknown as ValidateCursor
    const input = parseValidateInput(run.input)
    const work = cursor.compared ? NOTHING_LEFT : await compareNext(context, collection, run, input, limit)
    if (work === 'finished') return { ...NOTHING_DONE, counters: { finished: 1 } }
    const { marks, setBack } = cursor.marks === null ? NO_MARKS : await checkMarks(collection, cursor.marks)
    for (const number of setBack) await tellOfLoss(context, collection, number)
    const { records, bytes, counters } = work.tally
    const compared = work.after === null
    // Marks are checked once more after the last comparison: what was read was still there then.
    const next: ValidateCursor | null =
      compared && (marks === null || cursor.compared)
        ? null
        : { after: work.after, compared, marks, wanted: work.wanted }
    return {
      cursor: next as unknown as Json,
      done: records,
      records,
      bytes,
      counters: { ...counters, ...(input.zeroLoss ? { setBacks: setBack.length } : {}) },
      deadLetters: [],
    }
  },
  async finish(context, collection, run) {
    const { compared = 0, matched = 0, mismatched = 0, inconclusive = 0, repaired = 0, unlisted = 0 } = run.counters
    const digest = (side: 'source' | 'target'): string =>
      digestText({ high: run.counters[`${side}DigestHigh`] ?? 0, low: run.counters[`${side}DigestLow`] ?? 0 })
    const result = {
      compared,
      matched,
      mismatched,
      inconclusive,
      repaired,
      digestSource: digest('source'),
      digestTarget: digest('target'),
    }
    const facts = run.input.zeroLossFacts as unknown as ZeroLossFacts | undefined
    const zeroLoss = facts === undefined ? null : await concludeZeroLoss(context, collection, run, facts)
    const notes = [
      ...(mismatched > repaired ? [`${differing(mismatched - repaired)}; see the mismatches of this run.`] : []),
      ...(run.counters.finished ? ['The migration was finished and cleaned up before all was compared.'] : []),
      ...(unlisted > 0 ? ['Part of the target’s listing is damaged; extra records there were not looked for.'] : []),
      ...(zeroLoss?.proved === false ? [`Not proved to be without loss: ${zeroLoss.because.join(' ')}`] : []),
    ]
    return {
      succeeded: notes.length === 0,
      note: notes.length === 0 ? null : notes.join(' '),
      result: zeroLoss === null ? result : { ...result, zeroLoss: zeroLoss as unknown as Json },
    }
  },
}

interface ValidateCursor {
  after: string | null
  /** All records have been compared; one last look at the marks remains. */
  compared: boolean
  marks: number[] | null
  /** Records that the next round should take. */
  wanted?: number
}

interface Work extends Omit<Round, 'agreed'> {
  /** Records that the next round should take. */
  wanted: number
}

const NOTHING_LEFT: Work = { after: null, tally: NOTHING_TALLIED, wanted: 0 }
const NOTHING_DONE: BatchDone = { cursor: null, done: 0, records: 0, bytes: 0, counters: {}, deadLetters: [] }
const NO_MARKS: { marks: null; setBack: number[] } = { marks: null, setBack: [] }

/** Rounds of comparisons until the time for one batch is used, or one if the run is to keep out of the way. */
async function compareNext(
  context: EngineContext,
  collection: Collection,
  run: Run,
  input: ValidateInput,
  limit: number,
): Promise<Work | 'finished'> {
  const { after, wanted: last = ROUND_RECORDS_MIN } = run.cursor as unknown as ValidateCursor
  const free = isFree(run)
  const until = context.clock.monotonic() + ROUNDS_MS
  const mayGoOn = (): boolean => free && context.clock.monotonic() < until
  const states = partitionStates(collection)
  // A run begins with small batches; a stretch that differs is read at once nevertheless.
  const atOnce = free ? Math.max(limit, STRETCH_RECORDS_MAX) : limit
  const comparing = { context, collection, states, run, input, limit: atOnce, mayGoOn }
  let work: Work = { after, tally: NOTHING_TALLIED, wanted: last }
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const wanted = free ? work.wanted : paceOf(run) !== null ? limit : LIGHTER * limit
    const mismatched = (run.counters.mismatched ?? 0) + (work.tally.counters.mismatched ?? 0)
    const round = await compareRound(comparing, work.after, wanted, mismatched)
    if (round === 'finished') return round
    const next = round.agreed && free ? ROUND_RECORDS_MAX : ROUND_RECORDS_MIN
    work = { after: round.after, tally: addTallies(work.tally, round.tally), wanted: next }
    if (work.after === null || !mayGoOn()) break
  }
  return work
}

const ROUNDS_MAX = 1_000

function differing(count: number): string {
  return count === 1 ? '1 record differs' : `${count} records differ`
}
