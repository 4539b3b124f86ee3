import { CutoverError } from '../../core/error.js'
import type { Json, JsonObject } from '../../core/json.js'
import { type DeadLetter, PACE_MIN, type Run } from '../../core/run.js'
import { partitionOf } from '../../core/slot.js'
import { type PeriodRange, strictRanges } from '../../core/transition.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { type PartitionState, partitionStates } from '../data-plane/partition.js'
import { isSetBack, NOTHING, type PassBatch, passOpen, passSource } from '../pass/pass.js'
import { isOfRecord, passSingly, SINGLY_MAX } from '../pass/singly.js'
import { declareFull } from '../stages/full.js'
import { firstMarks, keepMarks, lostMarks, type Marks, tellWatch } from '../stages/marks.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'
import type { BatchDone, RunKind } from './kind.js'

/**
 * A complete pass over a collection, partition by partition: first what the source lists, then what the target marks
 * as open. When every record has been answered for, the strict period is still the one it began in, and the target
 * has lost nothing meanwhile, both stores are declared full.
 */
interface BackfillCursor {
  partition: number
  phase: 'source' | 'open'
  after: string | null
  /** For each partition the target's last mark (see `marks.ts`); `null` where nothing is to be declared full. */
  marks: (number | null)[]
}

export const backfillRun: RunKind = {
  async begin(_context, collection, input) {
    checkInput(input)
    let total = 0
    const covered: PeriodRange[][] = []
    for (const [source, target] of pairsOf(collection)) {
      const { fence } = (await reconcile(source, target)).source
      if (fence.plain) {
        const details = { reason: 'collection-finished' }
        throw new CutoverError('conflict', `The collection ${collection.name} is cleaned up: there is no way back.`, {
          details,
        })
      }
      covered.push(strictRanges(fence))
      const { records, tombstones } = await source.count()
      total += records + tombstones
    }
    const strict = covered.map((ranges) => ranges.length > 0)
    const marks = await firstMarks(collection, strict)
    const cursor: BackfillCursor = { partition: 0, phase: 'source', after: null, marks }
    // For each partition the strict slots at the start: what may be declared full in the end.
    return { cursor: cursor as unknown as Json, total, facts: { covered: covered as unknown as Json } }
  },
  async batch(context, collection, run, limit): Promise<BatchDone> {
    const cursor = run.cursor as unknown as BackfillCursor
    const state = stateOf(collection, cursor.partition)
    const last = cursor.marks[cursor.partition] ?? null
    const marked = last === null ? null : { last }
    const { batch, deadLetters, setBack } = await passNext(context, state, cursor, run, limit, marked)
    const partitions = collection.source.partitions.length
    const marks = cursor.marks.with(cursor.partition, marked?.last ?? null)
    const next = nextCursor({ ...cursor, marks }, batch.after, partitions)
    const lost = setBack ? [cursor.partition] : next === null ? await lostMarks(collection, marks) : []
    for (const number of lost) await tellOfLoss(context, collection, number)
    if (next === null && lost.length === 0) await keepMarks(collection, marks)
    const { counts } = batch
    const settles = cursor.phase === 'source' && counts.skipped === 0
    const includes = (id: string): boolean => partitionOf(collection.name, id, partitions) === cursor.partition
    return {
      cursor: lost.length > 0 ? null : (next as unknown as Json),
      done: cursor.phase === 'source' ? counts.read : 0,
      records: counts.read,
      bytes: batch.bytes,
      counters: { ...counts, deadLetters: deadLetters.length, setBacks: lost.length },
      deadLetters,
      ...(settles ? { passed: { after: cursor.after, until: batch.after, includes } } : {}),
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
    // Side by side: with many documents, one after the other would outlast the invocation.
    const declared = await Promise.all(
      pairsOf(collection).map(async ([source, target], number) => {
        const ranges = covered[number] ?? []
        if (ranges.length === 0) return 0
        await reconcile(source, target)
        return declareFull(source, target, ranges)
      }),
    )
    const slotsDeclaredFull = declared.reduce((sum, slots) => sum + slots, 0)
    return { succeeded: true, note: null, result: { slotsDeclaredFull } }
  },
}

async function tellOfLoss(context: EngineContext, collection: Collection, partition: number): Promise<void> {
  const [source, target] = pairsOf(collection)[partition] ?? []
  if (source !== undefined && target !== undefined) await tellWatch(source, target)
  const { epoch } = stateOf(collection, partition).fence
  context.report({ kind: 'target-lost-data', collection: collection.name, partition, epoch, sign: 'set-back', id: '' })
}

async function passNext(
  context: EngineContext,
  state: PartitionState,
  { phase, after }: BackfillCursor,
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

function nextCursor(cursor: BackfillCursor, after: string | null, partitions: number): BackfillCursor | null {
  if (after !== null) return { ...cursor, after }
  if (cursor.phase === 'source') return { ...cursor, phase: 'open', after: null }
  if (cursor.partition + 1 < partitions)
    return { ...cursor, partition: cursor.partition + 1, phase: 'source', after: null }
  return null
}

function checkInput(input: JsonObject): void {
  const limit = input.recordsPerSecondMax
  if (limit !== undefined && !(typeof limit === 'number' && limit >= PACE_MIN && Number.isFinite(limit))) {
    throw new CutoverError('invalid-input', `recordsPerSecondMax must be a number from ${PACE_MIN}.`)
  }
}
