import { nextBatchSize } from '../../core/batch.js'
import { CutoverError } from '../../core/error.js'
import { addCounters, paceOf, type Run } from '../../core/run.js'
import { collectionOf, type EngineContext } from '../context.js'
import { settleLetters, someLetters } from './dead-letters.js'
import { failRun, finishRun, type Worked } from './end.js'
import type { BatchDone } from './kind.js'
import { RUN_KIND } from './kinds.js'
import { publishStep } from './publish.js'
import { commitRun, deadLetterChanges, type HeldRun, readRun } from './store.js'

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
  try {
    const letters = await someLetters(context.ledger, taken.run.collection)
    for (let batch = 0; batch < BATCHES_MAX && held !== null; batch++) {
      if (held.run.cursor === null) return await finishRun(context, held)
      if (!(await rest(context, held.run, deadlineAt, batch === 0))) break
      held = await workBatch(context, held, deadlineAt, letters)
    }
    return held === null ? LOST_LEASE : await handOn(context, held)
  } catch (error) {
    if (held !== null && isFinal(error)) return await failRun(context, held, noteOf(error))
    await releaseLease(context, message.runId, taken.run, error)
    throw error
  }
}

/** Batches of one delivery; the deadline ends it long before. */
const BATCHES_MAX = 10_000
/** A batch is not begun when less than this is left, or less than thrice what batches take. */
const MARGIN_MS = 1_500
const LEASE_SLACK_MS = 2_000
const ATTEMPTS_MAX = 3
const RETRY_MS = 200
/** Longer rests are left to the queue: a function that sleeps is paid for. */
const REST_MAX_MS = 5_000
/** A run with a pace works at most so many seconds' worth of records at once. */
const BURST_SECONDS = 5

const LOST_LEASE: Worked = { kind: 'ignored', reason: 'lost-lease' }

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

/** Whether a batch may begin: after a short rest if one is due. The first of a delivery begins however late it is. */
async function rest({ clock }: EngineContext, run: Run, deadlineAt: number, first: boolean): Promise<boolean> {
  const waitMs = (run.restUntil ?? 0) - clock.now()
  if (waitMs > 0) {
    if (waitMs > REST_MAX_MS || clock.now() + waitMs + marginMs(run) >= deadlineAt) return false
    await clock.sleep(waitMs)
  }
  return first || clock.now() + marginMs(run) < deadlineAt
}

async function workBatch(
  context: EngineContext,
  held: HeldRun,
  deadlineAt: number,
  letters: boolean,
): Promise<HeldRun | null> {
  const { clock, ledger } = context
  const { run } = held
  const at = clock.now()
  const begun = clock.monotonic()
  const { done, throttled } = await attemptBatch(context, run, deadlineAt)
  const ms = clock.monotonic() - begun
  const pace = paceOf(run)
  const restUntil = done.restUntil ?? (pace === null ? null : at + (done.records * 1000) / pace)
  const next: Run = {
    ...run,
    cursor: done.cursor,
    counters: addCounters(run.counters, { ...done.counters, batches: 1 }),
    done: run.done + done.done,
    workedMs: run.workedMs + ms,
    batchSize: nextBatchSize(run.batchSize, { records: done.records, bytes: done.bytes, ms, throttled }),
    restUntil,
    outbox: null,
    note: null,
  }
  if (letters && done.passed !== undefined) {
    const failed = new Set(done.deadLetters.map(({ id }) => id))
    await settleLetters(ledger, run.collection, done.passed, failed)
  }
  return commitRun(ledger, held, next, { changes: await deadLetterChanges(ledger, done.deadLetters) })
}

/** A batch, tried again while stores do not answer and there is time. */
async function attemptBatch(
  context: EngineContext,
  run: Run,
  deadlineAt: number,
): Promise<{ done: BatchDone; throttled: boolean }> {
  const { clock } = context
  const collection = collectionOf(context, run.collection)
  const pace = paceOf(run)
  const limit = pace === null ? run.batchSize : Math.min(run.batchSize, Math.max(1, Math.floor(pace * BURST_SECONDS)))
  for (let attempt = 1; ; attempt++) {
    try {
      return { done: await RUN_KIND[run.kind].batch(context, collection, run, limit), throttled: attempt > 1 }
    } catch (error) {
      const passing = error instanceof CutoverError && (error.code === 'unavailable' || error.code === 'contended')
      if (!passing || attempt === ATTEMPTS_MAX || clock.now() + MARGIN_MS >= deadlineAt) throw error
      await clock.sleep(RETRY_MS * 2 ** (attempt - 1) * (0.5 + clock.random()))
    }
  }
}

function marginMs(run: Run): number {
  const batches = run.counters.batches ?? 0
  return Math.max(MARGIN_MS, batches === 0 ? 0 : (3 * run.workedMs) / batches)
}

/** Leaves the rest to the next message, which is sent with the delay that a rest asks for. */
async function handOn(context: EngineContext, held: HeldRun): Promise<Worked> {
  const since = Math.max(context.clock.now(), held.run.restUntil ?? 0)
  const next: Run = { ...held.run, step: held.run.step + 1, lease: null, outbox: { since, sent: 0 } }
  if ((await commitRun(context.ledger, held, next)) === null) return LOST_LEASE
  await publishStep(context, next)
  return { kind: 'continued', run: next }
}

/** The request contradicts how things stand now: another delivery would find the same. */
function isFinal(error: unknown): boolean {
  return error instanceof CutoverError && ['conflict', 'not-found', 'invalid-input'].includes(error.code)
}

/** The queue will deliver again; until then the run says what is the matter. Best effort: the lease runs out anyway. */
async function releaseLease(context: EngineContext, runId: string, taken: Run, error: unknown): Promise<void> {
  try {
    const held = await readRun(context.ledger, runId)
    if (held.run.lease?.token !== taken.lease?.token) return
    const outbox = { since: context.clock.now(), sent: held.run.outbox?.sent ?? 0 }
    await commitRun(context.ledger, held, { ...held.run, lease: null, outbox, note: noteOf(error) })
  } catch {
    // The ledger itself may be what is out of reach.
  }
}

function noteOf(error: unknown): string {
  return error instanceof CutoverError ? `${error.code}: ${error.message}` : 'internal: see the log'
}
