import { CutoverError } from '../../core/error.js'
import type { Json, JsonObject } from '../../core/json.js'
import type { DeadLetter, Run } from '../../core/run.js'
import { type PeriodRange, strictRanges } from '../../core/transition.js'
import type { Collection } from '../collection.js'
import type { EngineContext } from '../context.js'
import { type PartitionState, partitionStates } from '../data-plane/partition.js'
import { type PassBatch, passIds, passOpen, passSource } from '../pass/pass.js'
import { declareFull } from '../stages/full.js'
import { pairsOf } from '../stages/move.js'
import { reconcile } from '../stages/reconcile.js'
import type { BatchDone, RunKind } from './kind.js'

/**
 * A complete pass over a collection, partition by partition: first what the source lists, then what the target marks
 * as open. When every record has been answered for, and the strict period is still the one it began in, both stores
 * are declared full.
 */
interface BackfillCursor {
  partition: number
  phase: 'source' | 'open'
  after: string | null
}

export const backfillRun: RunKind = {
  async begin(_context, collection, input) {
    checkInput(input)
    let total = 0
    const covered: PeriodRange[][] = []
    for (const [source, target] of pairsOf(collection)) {
      const { source: control } = await reconcile(source, target)
      covered.push(strictRanges(control.fence))
      const { records, tombstones } = await source.count()
      total += records + tombstones
    }
    const cursor: BackfillCursor = { partition: 0, phase: 'source', after: null }
    // For each partition the strict slots at the start: what may be declared full in the end.
    return { cursor: cursor as unknown as Json, total, facts: { covered: covered as unknown as Json } }
  },
  async batch(context, collection, run, limit): Promise<BatchDone> {
    const cursor = run.cursor as unknown as BackfillCursor
    const state = stateOf(collection, cursor.partition)
    const pass = cursor.phase === 'source' ? passSource : passOpen
    let batch: PassBatch
    let deadLetters: DeadLetter[] = []
    try {
      batch = await pass(state, cursor.after, limit)
    } catch (error) {
      if (!(error instanceof CutoverError) || !isOfRecord(error) || cursor.phase === 'open') throw error
      const singly = await passSingly(context, state, cursor.after, Math.min(limit, SINGLY_MAX), run)
      batch = singly.batch
      deadLetters = singly.deadLetters
    }
    const next = nextCursor(cursor, batch.after, collection.source.partitions.length)
    const { counts } = batch
    return {
      cursor: next as unknown as Json,
      done: cursor.phase === 'source' ? counts.read : 0,
      records: counts.read,
      bytes: batch.bytes,
      counters: { ...counts, deadLetters: deadLetters.length },
      deadLetters,
    }
  },
  async finish(_context, collection, run) {
    const failed = run.counters.deadLetters ?? 0
    if (failed > 0) {
      return { succeeded: false, note: `${failed} records were set aside; see the dead letters.`, result: null }
    }
    const covered = run.input.covered as unknown as PeriodRange[][]
    let slots = 0
    for (const [number, [source, target]] of pairsOf(collection).entries()) {
      const ranges = covered[number] ?? []
      if (ranges.length === 0) continue
      await reconcile(source, target)
      await declareFull(source, target, ranges)
      slots += ranges.reduce((sum, { from, until }) => sum + until - from, 0)
    }
    return { succeeded: true, note: null, result: { slotsDeclaredFull: slots } }
  },
}

/** Records of a batch that failed as a whole are tried one by one, this many at a time. */
const SINGLY_MAX = 20
const ATTEMPTS_MAX = 3
const RETRY_MS = 50

/** A fault that one record may be the cause of; a store that does not answer is not. */
function isOfRecord(error: CutoverError): boolean {
  return error.code !== 'unavailable' && error.code !== 'contended' && error.code !== 'corrupt-document'
}

async function passSingly(
  context: EngineContext,
  state: PartitionState,
  after: string | null,
  limit: number,
  run: Run,
): Promise<{ batch: PassBatch; deadLetters: DeadLetter[] }> {
  const page = await state.source.page(after, limit)
  const counts = { read: page.items.length, copied: 0, same: 0, returned: 0, skipped: 0 }
  const deadLetters: DeadLetter[] = []
  for (const { id } of page.items) {
    const letter = await passOne(context, state, id, run, counts)
    if (letter !== null) deadLetters.push(letter)
  }
  const last = page.items.at(-1)
  return { batch: { after: page.end || last === undefined ? null : last.id, counts, bytes: 0 }, deadLetters }
}

async function passOne(
  context: EngineContext,
  state: PartitionState,
  id: string,
  run: Run,
  counts: { copied: number; same: number; returned: number },
): Promise<DeadLetter | null> {
  const { clock } = context
  for (let attempt = 1; ; attempt++) {
    try {
      const one = await passIds(state, [id])
      counts.copied += one.copied
      counts.same += one.same
      counts.returned += one.returned
      return null
    } catch (error) {
      if (!(error instanceof CutoverError) || !isOfRecord(error)) throw error
      if (attempt === ATTEMPTS_MAX) {
        const { code, message } = error
        return {
          collection: run.collection,
          id,
          runId: run.id,
          code,
          error: message,
          attempts: attempt,
          at: clock.now(),
        }
      }
      await clock.sleep(RETRY_MS * 2 ** attempt)
    }
  }
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
  if (limit !== undefined && (typeof limit !== 'number' || limit <= 0)) {
    throw new CutoverError('invalid-input', 'recordsPerSecondMax must be a number above 0.')
  }
}
