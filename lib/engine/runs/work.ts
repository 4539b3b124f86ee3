import { nextBatchSize } from '../../core/batch.js'
import { CutoverError } from '../../core/error.js'
import { addCounters, type Run } from '../../core/run.js'
import { auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import type { BatchDone } from './kind.js'
import { RUN_KIND } from './kinds.js'
import { publishStep } from './publish.js'
import { commitRun, deadLetterChanges, type HeldRun, readRun } from './store.js'

export type Worked =
  | { kind: 'continued'; run: Run } // the next message is in the queue
  | { kind: 'ended'; run: Run }
  /** Nothing was done: the message is late or doubled, the run stands still, or another worker has it. */
  | { kind: 'ignored'; reason: 'late' | 'not-running' | 'leased' | 'lost-lease' | 'unknown-run' }

/**
 * One delivery of a run's message: takes the lease, works batches until shortly before the deadline, leaves the next
 * message in the run's own document, and publishes it.
 *
 * A delivery that comes twice, late, or after a later one finds another step number or another's lease and does
 * nothing. A worker that was overtaken (its lease ran out while it was frozen) cannot commit, because the document's
 * revision has moved on; the batch that it worked is worked again by its successor, which the kinds bear.
 */
export async function workRun(
  context: EngineContext,
  message: { runId: string; step: number },
  deadlineAt: number,
): Promise<Worked> {
  const taken = await takeLease(context, message, deadlineAt)
  if ('kind' in taken) return taken
  let held: HeldRun | null = taken
  const { clock, ledger } = context
  try {
    for (let batch = 0; batch < BATCHES_MAX && held !== null; batch++) {
      if (held.run.cursor === null) return await finish(context, held)
      if (batch > 0 && clock.now() + marginMs(held.run) >= deadlineAt) break
      held = await workBatch(context, held)
      if (held !== null) await pace(context, held.run, deadlineAt)
    }
  } catch (error) {
    await releaseLease(context, message.runId, taken.run, error)
    throw error
  }
  if (held === null) return { kind: 'ignored', reason: 'lost-lease' }
  const step = held.run.step + 1
  const next: Run = { ...held.run, step, lease: null, outbox: { since: clock.now(), sent: 0 } }
  const committed = await commitRun(ledger, held, next)
  if (committed === null) return { kind: 'ignored', reason: 'lost-lease' }
  await publishStep(context, next)
  return { kind: 'continued', run: next }
}

/** Batches of one delivery; the deadline ends it long before. */
const BATCHES_MAX = 10_000
/** A batch is not begun when less than this is left, or less than thrice what batches take. */
const MARGIN_MS = 1_500
const LEASE_SLACK_MS = 2_000
const ATTEMPTS_MAX = 3
const RETRY_MS = 200

async function takeLease(
  context: EngineContext,
  message: { runId: string; step: number },
  deadlineAt: number,
): Promise<HeldRun | Worked> {
  const { ledger, clock } = context
  let held: HeldRun
  try {
    held = await readRun(ledger, message.runId)
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'not-found') return { kind: 'ignored', reason: 'unknown-run' }
    throw error
  }
  const { run } = held
  if (run.status !== 'running') return { kind: 'ignored', reason: 'not-running' }
  if (run.step !== message.step) return { kind: 'ignored', reason: 'late' }
  if (run.lease !== null && run.lease.until > clock.now()) return { kind: 'ignored', reason: 'leased' }
  const lease = { token: clock.id(), until: deadlineAt + LEASE_SLACK_MS }
  return (await commitRun(ledger, held, { ...run, lease })) ?? { kind: 'ignored', reason: 'leased' }
}

async function workBatch(context: EngineContext, held: HeldRun): Promise<HeldRun | null> {
  const { clock, ledger } = context
  const { run } = held
  const collection = collectionOf(context, run.collection)
  const begun = clock.monotonic()
  let throttled = false
  let done: BatchDone | null = null
  for (let attempt = 1; done === null; attempt++) {
    try {
      done = await RUN_KIND[run.kind].batch(context, collection, run, run.batchSize)
    } catch (error) {
      if (!(error instanceof CutoverError) || attempt === ATTEMPTS_MAX || !isPassing(error)) throw error
      throttled = true
      await clock.sleep(RETRY_MS * 2 ** (attempt - 1) * (0.5 + clock.random()))
    }
  }
  const ms = clock.monotonic() - begun
  const next: Run = {
    ...run,
    cursor: done.cursor,
    counters: addCounters(run.counters, { ...done.counters, batches: 1 }),
    done: run.done + done.done,
    workedMs: run.workedMs + ms,
    batchSize: nextBatchSize(run.batchSize, { records: done.records, bytes: done.bytes, ms, throttled }),
    outbox: null,
    note: null,
  }
  const settled = { collection: run.collection, ids: done.settled ?? [] }
  const changes = await deadLetterChanges(ledger, done.deadLetters, settled)
  return commitRun(ledger, held, next, { changes })
}

function isPassing(error: CutoverError): boolean {
  return error.code === 'unavailable' || error.code === 'contended'
}

/** At most `recordsPerSecondMax` records a second, if the run was given a limit. */
async function pace(context: EngineContext, run: Run, deadlineAt: number): Promise<void> {
  const limit = run.input.recordsPerSecondMax
  if (typeof limit !== 'number' || run.cursor === null) return
  const dueMs = (run.done / limit) * 1000 - run.workedMs
  const leftMs = deadlineAt - marginMs(run) - context.clock.now()
  if (dueMs > 0 && leftMs > 0) await context.clock.sleep(Math.min(dueMs, leftMs, (run.batchSize * 1000) / limit))
}

function marginMs(run: Run): number {
  const batches = run.counters.batches ?? 0
  return Math.max(MARGIN_MS, batches === 0 ? 0 : (3 * run.workedMs) / batches)
}

async function finish(context: EngineContext, held: HeldRun): Promise<Worked> {
  const { run } = held
  const { clock, ledger } = context
  const end = await RUN_KIND[run.kind].finish(context, collectionOf(context, run.collection), run)
  const ended: Run = {
    ...run,
    status: end.succeeded ? 'succeeded' : 'failed',
    note: end.note,
    result: end.result,
    endedAt: clock.now(),
    lease: null,
    outbox: null,
  }
  const entry = auditEntry({
    at: clock.now(),
    by: run.by,
    action: `end-${run.kind}`,
    collection: run.collection,
    reason: end.note ?? run.reason,
    before: { runId: run.id },
    after: { status: ended.status, counters: ended.counters },
  })
  const committed = await commitRun(ledger, held, ended, { entries: [entry] })
  return committed === null ? { kind: 'ignored', reason: 'lost-lease' } : { kind: 'ended', run: ended }
}

/** The queue will deliver again; until then the run says what is the matter. Best effort: the lease runs out anyway. */
async function releaseLease(context: EngineContext, runId: string, taken: Run, error: unknown): Promise<void> {
  try {
    const held = await readRun(context.ledger, runId)
    if (held.run.lease?.token !== taken.lease?.token) return
    const note = error instanceof CutoverError ? `${error.code}: ${error.message}` : 'internal: see the log'
    await commitRun(context.ledger, held, { ...held.run, lease: null, note })
  } catch {
    // The ledger itself may be what is out of reach.
  }
}
