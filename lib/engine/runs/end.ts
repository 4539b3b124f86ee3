import type { Json } from '../../core/json.js'
import type { Run } from '../../core/run.js'
import { auditEntry } from '../audit.js'
import { collectionOf, type EngineContext } from '../context.js'
import { RUN_KIND } from './kinds.js'
import { commitRun, type HeldRun } from './store.js'

export type Worked =
  | { kind: 'continued'; run: Run } // the next message is in the queue
  | { kind: 'ended'; run: Run }
  | { kind: 'paused'; run: Run } // nothing that the queue could do helps; somebody has to resume it
  /** Nothing was done: the message is late or doubled, the run stands still, or another worker has it. */
  | { kind: 'ignored'; reason: 'late' | 'not-running' | 'leased' | 'lost-lease' | 'unknown-run' }

/** After the last batch: the kind says how the run ended. */
export async function finishRun(context: EngineContext, held: HeldRun): Promise<Worked> {
  const { run } = held
  const end = await RUN_KIND[run.kind].finish(context, collectionOf(context, run.collection), run)
  return commitEnd(context, held, end)
}

/** Ends a run that cannot be worked on any more. */
export function failRun(context: EngineContext, held: HeldRun, note: string): Promise<Worked> {
  return commitEnd(context, held, { succeeded: false, note, result: null })
}

/**
 * Pauses a run whose store has used up its quota: every further batch would be refused, and counted, too. If the
 * ledger is in the same database it throws that refusal, and the run stands still until the queue or the watch tries
 * again.
 */
export async function haltRun({ clock, ledger }: EngineContext, held: HeldRun, note: string): Promise<Worked> {
  const { run } = held
  const paused: Run = { ...run, status: 'paused', note, restUntil: null, lease: null, outbox: null }
  const entry = auditEntry({
    at: clock.now(),
    by: 'cutover',
    action: 'pause-run',
    collection: run.collection,
    reason: note,
    before: { runId: run.id, status: run.status },
    after: { status: paused.status },
  })
  const committed = await commitRun(ledger, held, paused, { entries: [entry] })
  return committed === null ? { kind: 'ignored', reason: 'lost-lease' } : { kind: 'paused', run: paused }
}

async function commitEnd(
  { clock, ledger }: EngineContext,
  held: HeldRun,
  end: { succeeded: boolean; note: string | null; result: Json },
): Promise<Worked> {
  const { run } = held
  const ended: Run = {
    ...run,
    status: end.succeeded ? 'succeeded' : 'failed',
    note: end.note,
    result: end.result,
    endedAt: clock.now(),
    restUntil: null,
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
