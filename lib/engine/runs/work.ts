import { BATCH_MAX, nextBatchSize } from '../../core/batch.js'
import { CutoverError, isQuotaExceeded } from '../../core/error.js'
import { backOff } from '../../core/failing/back-off.js'
import { addCounters, commandsPaceOf, paceOf, type Run } from '../../core/run.js'
import { FIRST_THROTTLE, nextThrottle, restAfter, throttleNote } from '../../core/throttle.js'
import { collectionOf, type EngineContext } from '../context.js'
import { type Counted, counted } from './counted.js'
import { settleLetters, someLetters } from './dead-letters.js'
import { failRun, finishRun, haltRun, type Worked } from './end.js'
import { type Gauge, gaugeOf } from './gauge.js'
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
  const commands = commandsPaceOf(taken.run) === null ? null : counted(context, DELIVERY_COMMANDS)
  const delivery: Delivery = {
    ...(commands?.context ?? context),
    deadlineAt,
    commands,
    letters: false,
    giveWayMs: 0,
    gauge: gaugeOf(context, taken.run),
  }
  try {
    delivery.letters = await someLetters(delivery.ledger, taken.run.collection)
    for (let batch = 0; batch < BATCHES_MAX && held !== null; batch++) {
      if (held.run.cursor === null) return await finishRun(context, held)
      if (!(await rest(context, held.run, deadlineAt, batch === 0))) break
      held = await workBatch(delivery, held)
      if (held !== null && held.run.cursor !== null && !(await giveWay(delivery, held.run))) break
    }
    return held === null ? LOST_LEASE : await handOn(context, held, delivery.giveWayMs)
  } catch (error) {
    if (held !== null && isFinal(error)) return await failRun(context, held, noteOf(error))
    if (held !== null && isQuotaExceeded(error)) return await haltRun(context, held, noteOf(error))
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
const RETRY = { baseMs: 300, capMs: 2_000 }
/** Longer rests are left to the queue: a function that sleeps is paid for. */
const REST_MAX_MS = 5_000
/** A run with a pace works at most so many seconds' worth of records at once. */
const BURST_SECONDS = 5

/** What a delivery sends beside its batches and their commits: to take the lease, and to hand on. */
const DELIVERY_COMMANDS = 4

/** What the batches of one delivery work with. */
interface Delivery extends EngineContext {
  deadlineAt: number
  /** Counts what it sends, where that is limited. */
  commands: Counted | null
  /** Whether records of the collection are set aside. */
  letters: boolean
  /** How long the application is to be left alone now, in milliseconds. */
  giveWayMs: number
  gauge: Gauge
}

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

/**
 * Leaves the stores to the application for a moment; by the clock that never jumps, for these rests are short and many.
 * `false`: what is left of the delivery is too short for it, and the queue shall wait instead.
 */
async function giveWay(delivery: Delivery, run: Run): Promise<boolean> {
  const { clock, deadlineAt, giveWayMs } = delivery
  if (clock.now() + giveWayMs + marginMs(run) >= deadlineAt) return false
  if (giveWayMs > 0) await clock.sleep(giveWayMs)
  delivery.giveWayMs = 0
  return true
}

async function workBatch(delivery: Delivery, held: HeldRun): Promise<HeldRun | null> {
  const { clock, ledger, gauge, letters } = delivery
  const { run } = held
  const at = clock.now()
  const throttle = (await gauge.inUse()) ? (run.throttle ?? FIRST_THROTTLE) : null
  const { throttle: _before, ...unthrottled } = run
  const current: Run = throttle === null ? unthrottled : { ...unthrottled, throttle }
  const attempt = await gauge.during(() => attemptBatch(delivery, current))
  const { ms, seen } = attempt
  const { done, throttled } = attempt.done
  if (letters && done.passed !== undefined) {
    const failed = new Set(done.deadLetters.map(({ id }) => id))
    await settleLetters(ledger, run.collection, done.passed, failed)
  }
  const changes = await deadLetterChanges(ledger, done.deadLetters)
  const slowed = throttle === null ? null : nextThrottle(throttle, seen)
  delivery.giveWayMs = 0
  const next: Run = {
    ...unthrottled,
    cursor: done.cursor,
    counters: addCounters(run.counters, { ...done.counters, batches: 1 }),
    done: run.done + done.done,
    workedMs: run.workedMs + ms,
    batchSize: nextBatchSize(run.batchSize, { records: done.records, bytes: done.bytes, ms, throttled }),
    restUntil: done.restUntil ?? dueAfter(delivery, run, { at, records: done.records }),
    outbox: null,
    note: null,
  }
  if (slowed === null) return commitRun(ledger, held, next, { changes })
  delivery.giveWayMs = restAfter(slowed, ms)
  const rested = { ...slowed, restedMs: slowed.restedMs + delivery.giveWayMs }
  return commitRun(ledger, held, { ...next, throttle: rested, note: throttleNote(slowed) }, { changes })
}

/** Until when what a batch took is paid for, by the limits that the run was started with; `null`: there are none. */
function dueAfter({ commands }: Delivery, run: Run, worked: { at: number; records: number }): number | null {
  const [records, perSecond] = [paceOf(run), commandsPaceOf(run)]
  const dues = [
    ...(records === null ? [] : [worked.at + (worked.records * 1000) / records]),
    ...(perSecond === null || commands === null ? [] : [worked.at + (commands.taken() * 1000) / perSecond]),
  ]
  return dues.length === 0 ? null : Math.max(...dues)
}

/** A batch, tried again while stores do not answer and there is time. */
async function attemptBatch(context: Delivery, run: Run): Promise<{ done: BatchDone; throttled: boolean }> {
  const { clock, deadlineAt } = context
  const collection = collectionOf(context, run.collection)
  const pace = paceOf(run)
  const size = Math.min(run.batchSize, run.throttle?.recordsMax ?? BATCH_MAX)
  const limit = pace === null ? size : Math.min(size, Math.max(1, Math.floor(pace * BURST_SECONDS)))
  for (let attempt = 1; ; attempt++) {
    try {
      return { done: await RUN_KIND[run.kind].batch(context, collection, run, limit), throttled: attempt > 1 }
    } catch (error) {
      const passing = error instanceof CutoverError && (error.code === 'unavailable' || error.code === 'contended')
      if (!passing || isQuotaExceeded(error) || attempt === ATTEMPTS_MAX || clock.now() + MARGIN_MS >= deadlineAt)
        throw error
      await clock.sleep(backOff({ attempt: attempt - 1, ...RETRY }, clock))
    }
  }
}

function marginMs(run: Run): number {
  const batches = run.counters.batches ?? 0
  return Math.max(MARGIN_MS, batches === 0 ? 0 : (3 * run.workedMs) / batches)
}

/** Leaves the rest to the next message, which is sent with the delay that a rest asks for. */
async function handOn(context: EngineContext, held: HeldRun, waitMs: number): Promise<Worked> {
  const since = Math.max(context.clock.now() + waitMs, held.run.restUntil ?? 0)
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
