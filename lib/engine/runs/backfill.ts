import { LANES_MAX } from '../../core/batch.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { addCounters, type DeadLetter, isFree, type Run } from '../../core/run.js'
import type { Tallies } from '../../core/shards.js'
import { type PeriodRange, strictRanges } from '../../core/transition.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { type PartitionState, partitionStates } from '../data-plane/partition.js'
import { isSetBack, NOTHING, type PassBatch, passOpen, passSource } from '../pass/pass.js'
import { isOfRecord, passSingly, SINGLY_MAX } from '../pass/singly.js'
import { allOf, sideBySide } from '../side-by-side.js'
import { declareFull } from '../stages/full.js'
import { firstMark, keepMark, lostMarks, type Marks } from '../stages/marks.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'
import type { BatchDone, RunKind } from './kind.js'
import { together } from './lanes.js'
import { tellOfLoss } from './tell-of-loss.js'

/**
 * A complete pass over a collection, partition by partition: first what the source lists, then what the target marks
 * as open. When every record has been answered for, the strict period is still the one it began in, and the target
 * has lost nothing meanwhile, both stores are declared full.
 *
 * Some partitions are passed side by side, each in a lane of its own, for most of a batch's time is spent waiting. A
 * lane is what a pass over one partition is: its fences, marks and position are nobody else's. One checkpoint covers
 * the batches of all lanes; after a failure all of them are done again, which changes nothing where they were done.
 */
interface BackfillCursor {
  lanes: Lane[]
  /** The first partition that no lane has begun with. */
  next: number
  /** For each partition the target's last mark (see `marks.ts`); `null` where nothing is to be declared full. */
  marks: (number | null)[]
  /** What shows how far each partition is; absent in runs that were begun before it was kept. */
  tallies?: Tallies
}

interface Lane {
  partition: number
  phase: 'source' | 'open'
  after: string | null
}

export const backfillRun: RunKind = {
  async begin(_context, collection) {
    const pairs = pairsOf(collection)
    const begun = await sideBySide(pairs, ([source, target]) => beginPartition(collection, source, target), LANES_MAX)
    const total = begun.reduce((sum, { records }) => sum + records, 0)
    const covered = begun.map(({ ranges }) => ranges)
    const none = begun.map(() => 0)
    const tallies = { done: none, ms: none }
    const cursor: BackfillCursor = { lanes: [], next: 0, marks: begun.map(({ mark }) => mark), tallies }
    const facts = { covered: covered as unknown as Json, totals: begun.map(({ records }) => records) }
    // For each partition the strict slots at the start: what may be declared full in the end.
    return { cursor: cursor as unknown as Json, total, facts }
  },
  async batch(context, collection, run, limit): Promise<BatchDone> {
    const cursor = cursorOf(run)
    const partitions = collection.source.partitions.length
    const { lanes, next: begun } = openLanes(cursor, partitions, lanesOf(run, limit))
    const waiting = cursor.lanes.slice(lanes.length)
    const passed = await allOf(
      lanes.map((lane) => passLane(context, collection, { lane, marks: cursor.marks }, run, limit)),
    )
    const marks = cursor.marks.map((mark, number) => passed.find(({ lane }) => lane.partition === number)?.mark ?? mark)
    const left = passed.flatMap(({ lane, batch }) => nextLane(lane, batch.after) ?? [])
    const tallied = cursor.tallies === undefined ? {} : { tallies: talliesAfter(cursor.tallies, passed) }
    const next = { lanes: [...left, ...waiting], next: begun, marks, ...tallied }
    const ends = next.lanes.length === 0 && begun === partitions
    const gone = passed.flatMap(({ lane, setBack }) => (setBack ? [lane.partition] : []))
    const lost = gone.length > 0 ? gone : ends ? await lostMarks(collection, marks) : []
    for (const number of lost) await tellOfLoss(context, collection, number)
    const deadLetters = passed.flatMap((lane) => lane.deadLetters)
    const settled = passed.flatMap(({ lane, batch, setBack }) =>
      lane.phase === 'source' && batch.counts.skipped === 0 && !setBack ? [{ ...lane, until: batch.after }] : [],
    )
    return {
      cursor: lost.length > 0 || ends ? null : (next as unknown as Json),
      ...sumOf(
        passed.map(({ batch }) => batch),
        { deadLetters: deadLetters.length, setBacks: lost.length },
      ),
      done: passed.reduce((sum, one) => sum + doneBy(one), 0),
      deadLetters,
      ...(settled.length > 0 ? { passed: together(collection.name, partitions, settled) } : {}),
    }
  },
  async finish(_context, collection, run) {
    const { deadLetters = 0, setBacks = 0 } = run.counters
    const notes = [
      ...(deadLetters > 0 ? [`${deadLetters} records were set aside; see the dead letters.`] : []),
      ...(setBacks > 0 ? ['The target has lost data during the pass; recover it first.'] : []),
    ]
    if (notes.length > 0) return { succeeded: false, note: notes.join(' '), result: null }
    const covered = run.input.covered as unknown as PeriodRange[][]
    // Side by side: with many documents, one after the other would outlast the invocation. Not all of them at once:
    // each document is in memory meanwhile.
    const declared = await sideBySide(
      pairsOf(collection),
      async ([source, target], number) => {
        const ranges = covered[number] ?? []
        if (ranges.length === 0) return 0
        await reconcile(source, target)
        return declareFull(source, target, ranges)
      },
      LANES_MAX,
    )
    const slotsDeclaredFull = declared.reduce((sum, slots) => sum + slots, 0)
    return { succeeded: true, note: null, result: { slotsDeclaredFull } }
  },
}

async function beginPartition(
  { name }: Collection,
  source: Source,
  target: Target,
): Promise<{ ranges: PeriodRange[]; records: number; mark: number | null }> {
  const { fence } = (await reconcile(source, target)).source
  if (fence.plain) {
    const details = { reason: 'collection-finished' }
    throw new CutoverError('conflict', `The collection ${name} is cleaned up: there is no way back.`, { details })
  }
  const { records, tombstones } = await source.count()
  const ranges = strictRanges(fence)
  return { ranges, records: records + tombstones, mark: ranges.length > 0 ? await firstMark(target) : null }
}

/** A run that was begun before there were lanes goes on with the one that it had. */
function cursorOf({ cursor }: Run): BackfillCursor {
  const held = cursor as unknown as BackfillCursor | (Lane & Pick<BackfillCursor, 'marks'>)
  if ('lanes' in held) return held
  const { marks, ...lane } = held
  return { lanes: [lane], next: lane.partition + 1, marks }
}

/** The lanes to be worked now: those under way, and new ones for partitions that are still to come. */
function openLanes(cursor: BackfillCursor, partitions: number, lanesMax: number): { lanes: Lane[]; next: number } {
  const lanes = cursor.lanes.slice(0, lanesMax)
  let { next } = cursor
  for (; lanes.length < lanesMax && next < partitions; next++)
    lanes.push({ partition: next, phase: 'source', after: null })
  return { lanes, next }
}

/** One where the run has been asked to go slow, or keeps out of the application's way: `limit` is all it may do then. */
function lanesOf(run: Run, limit: number): number {
  return isFree(run) && limit >= run.batchSize ? LANES_MAX : 1
}

function doneBy({ lane, batch }: LanePassed): number {
  return lane.phase === 'source' ? batch.counts.read : 0
}

function talliesAfter({ done, ms }: Tallies, passed: readonly LanePassed[]): Tallies {
  const by = (number: number): LanePassed | undefined =>
    passed.find(({ lane }) => lane.partition === number && lane.phase === 'source')
  return {
    done: done.map((count, number) => count + (by(number)?.batch.counts.read ?? 0)),
    ms: ms.map((sum, number) => Math.round(sum + (by(number)?.ms ?? 0))),
  }
}

interface LanePassed {
  lane: Lane
  /** The partition's mark after the batch. */
  mark: number | null
  ms: number
  batch: PassBatch
  deadLetters: DeadLetter[]
  setBack: boolean
}

async function passLane(
  context: EngineContext,
  collection: Collection,
  { lane, marks }: { lane: Lane; marks: readonly (number | null)[] },
  run: Run,
  limit: number,
): Promise<LanePassed> {
  const last = marks[lane.partition] ?? null
  const marked = last === null ? null : { last }
  const state = stateOf(collection, lane.partition)
  const began = context.clock.monotonic()
  const passed = await passNext(context, state, lane, run, limit, marked)
  const ms = context.clock.monotonic() - began
  const mark = marked?.last ?? null
  // At the end of its partition, while the document is at hand: at the end of all, each would be read once more.
  const ends = !passed.setBack && nextLane(lane, passed.batch.after) === null
  if (ends && mark !== null) await keepMark(state.source, mark)
  return { lane, mark, ms, ...passed }
}

async function passNext(
  context: EngineContext,
  state: PartitionState,
  { phase, after }: Lane,
  run: Run,
  limit: number,
  marks: Marks | null,
): Promise<{ batch: PassBatch; deadLetters: DeadLetter[]; setBack: boolean }> {
  try {
    const batch =
      phase === 'source' ? await passSource(state, after, limit, marks) : await passOpen(state, after, limit)
    if (batch.counts.clashes === 0) return { batch, deadLetters: [], setBack: false }
  } catch (error) {
    if (isSetBack(error)) return { batch: NOTHING, deadLetters: [], setBack: true }
    if (!isOfRecord(error)) throw error
  }
  const few = Math.min(limit, SINGLY_MAX)
  const page = phase === 'source' ? await state.source.page(after, few) : await state.target.openIds(after, few)
  const ids = page.items.map((item) => (typeof item === 'string' ? item : item.id))
  return { ...(await passSingly(context, state, { ids, end: page.end }, run, marks)), setBack: false }
}

/** What this instance knows of a partition; the stores correct it where it is out of date. */
function stateOf(collection: Collection, partition: number): PartitionState {
  const states = known.get(collection) ?? partitionStates(collection)
  known.set(collection, states)
  const state = states[partition]
  if (state === undefined)
    throw new CutoverError('internal', `There is no partition ${partition} in ${collection.name}.`)
  return state
}

const known = new WeakMap<Collection, PartitionState[]>()

/** `null`: the partition is passed. */
function nextLane(lane: Lane, after: string | null): Lane | null {
  if (after !== null) return { ...lane, after }
  if (lane.phase === 'source') return { ...lane, phase: 'open', after: null }
  return null
}

function sumOf(
  batches: readonly PassBatch[],
  more: { deadLetters: number; setBacks: number },
): Pick<BatchDone, 'records' | 'bytes' | 'counters'> {
  const none: Run['counters'] = { ...NOTHING.counts, ...more }
  const counters = batches.reduce((sum, { counts }) => addCounters(sum, { ...counts }), none)
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes, 0)
  return { records: counters.read ?? 0, bytes, counters }
}
