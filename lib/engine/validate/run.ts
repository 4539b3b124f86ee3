import { addDigests, type Digest, digestOf, digestText, EMPTY_DIGEST } from '../../core/compare/digest.js'
import { targetCovers } from '../../core/compare/verdict.js'
import { versionOf } from '../../core/copy.js'
import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { partitionStates } from '../data-plane/partition.js'
import type { BatchDone, RunKind } from '../runs/kind.js'
import { pairsOf } from '../stages/move.js'
import { examine } from './examine.js'
import { readSights } from './listing.js'
import { keepMismatch } from './mismatches.js'
import { type Mended, repair } from './repair.js'
import { parseValidateInput, type ValidateInput } from './run-input.js'
import { finished, isFinished } from './sight.js'
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
 * Counters: compared = matched + mismatched + inconclusive; repaired of those mismatched; extra of those mismatched;
 * unlisted batches; for zero loss covered, uncovered and setBacks. The digests are kept as sums of their halves.
 */
export const validateRun: RunKind = {
  async begin(_context, collection, input) {
    const { zeroLoss } = parseValidateInput(input)
    let atSource = 0
    for (const [source] of pairsOf(collection)) {
      if ((await source.control()).fence.plain) throw finished(collection)
      const { records, tombstones } = await source.count()
      atSource += records + tombstones
    }
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
    const { marks, setBacks } = cursor.marks === null ? NO_MARKS : await checkMarks(collection, cursor.marks)
    const compared = work.after === null
    // Marks are checked once more after the last comparison: what was read was still there then.
    const next: ValidateCursor | null =
      compared && (marks === null || cursor.compared) ? null : { after: work.after, compared, marks }
    return {
      cursor: next as unknown as Json,
      done: work.records,
      records: work.records,
      bytes: work.bytes,
      counters: { ...work.counters, ...(input.zeroLoss ? { setBacks } : {}) },
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
      ...(mismatched > repaired ? [`${mismatched - repaired} records differ; see the mismatches of this run.`] : []),
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
}

interface Work {
  after: string | null
  records: number
  bytes: number
  counters: Run['counters']
}

const NOTHING_LEFT: Work = { after: null, records: 0, bytes: 0, counters: {} }
const NOTHING_DONE: BatchDone = { cursor: null, done: 0, records: 0, bytes: 0, counters: {}, deadLetters: [] }
const NO_MARKS = { marks: null, setBacks: 0 }

async function compareNext(
  context: EngineContext,
  collection: Collection,
  run: Run,
  input: ValidateInput,
  limit: number,
): Promise<Work | 'finished'> {
  const { after } = run.cursor as unknown as ValidateCursor
  const states = partitionStates(collection)
  const page = await readSights(collection, states, after, limit)
  if (isFinished(states)) return 'finished'
  const examining = { clock: context.clock, diff: { redaction: input.redaction }, help: true }
  const examined = await examine(examining, page.sights)
  const mended = input.repair
    ? await repair(examining, examined)
    : examined.map((one) => ({ ...one, repaired: false, now: one.look }))
  await keepSome(context, run, mended, input.mismatchesKept - (run.counters.mismatched ?? 0))
  return {
    after: page.after,
    records: mended.length,
    bytes: sizeOf(mended),
    counters: { ...count(mended, input.zeroLoss), unlisted: page.unlisted ? 1 : 0 },
  }
}

function count(mended: readonly Mended[], zeroLoss: boolean): Run['counters'] {
  const of = (test: (one: Mended) => boolean): number => mended.filter(test).length
  let source: Digest = EMPTY_DIGEST
  let target: Digest = EMPTY_DIGEST
  for (const { id, now } of mended) {
    source = addDigests(source, digestOf(id, now.source))
    target = addDigests(target, digestOf(id, now.target))
  }
  const covered = of(({ now }) => now.source !== null && targetCovers(now))
  return {
    compared: mended.length,
    matched: of(({ verdict }) => verdict.kind === 'match'),
    mismatched: of(({ verdict }) => verdict.kind === 'mismatch'),
    inconclusive: of(({ verdict }) => verdict.kind === 'inconclusive'),
    repaired: of(({ repaired }) => repaired),
    extra: of(({ verdict }) => verdict.kind === 'mismatch' && verdict.reason === 'extra-at-target'),
    sourceDigestHigh: source.high,
    sourceDigestLow: source.low,
    targetDigestHigh: target.high,
    targetDigestLow: target.low,
    ...(zeroLoss ? { covered, uncovered: of(({ now }) => !targetCovers(now)) } : {}),
  }
}

async function keepSome(
  { ledger, clock }: EngineContext,
  run: Run,
  mended: readonly Mended[],
  room: number,
): Promise<void> {
  let left = room
  for (const { id, look, verdict, repaired } of mended) {
    if (verdict.kind !== 'mismatch' || left-- <= 0) continue
    const { reason, differences, more } = verdict
    await keepMismatch(ledger, {
      runId: run.id,
      collection: run.collection,
      id,
      reason,
      stage: look.stage,
      sourceVersion: versionOf(look.source),
      targetVersion: versionOf(look.target),
      differences,
      more,
      repaired,
      at: clock.now(),
    })
  }
}

const SAMPLE = 8

/** Size of a batch from a few of its records, to pace by. */
function sizeOf(mended: readonly Mended[]): number {
  const sample = mended.slice(0, SAMPLE)
  const bytes = sample.reduce((sum, { look }) => sum + JSON.stringify([look.source, look.target]).length, 0)
  return sample.length === 0 ? 0 : Math.round((bytes / sample.length) * mended.length)
}
