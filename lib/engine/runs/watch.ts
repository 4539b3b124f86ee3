import type { Run } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import { publishStep } from './publish.js'
import { commitRun, readRun } from './store.js'

/** A message that nothing has come of for this long is taken for lost, unless a worker holds the lease. */
const STALLED_MS = 20_000
export const RUNS = 'run/'
export const PAGE = 100
const PAGES_MAX = 50

/** Sends again the message of every run that should be moving and is not. Called by the cron; safe at any time. */
export async function republishStalled(context: EngineContext, stalledMs = STALLED_MS): Promise<string[]> {
  const sent: string[] = []
  let after: string | null = null
  for (let page = 0; page < PAGES_MAX; page++) {
    const { items, end } = await context.ledger.list(RUNS, after, PAGE)
    for (const { value } of items) {
      const run = value as unknown as Run
      if (isStalled(run, context.clock.now(), stalledMs) && (await republish(context, run.id, stalledMs)))
        sent.push(run.id)
    }
    after = items.at(-1)?.key ?? null
    if (end || after === null) break
  }
  return sent
}

async function republish(context: EngineContext, runId: string, stalledMs: number): Promise<boolean> {
  const held = await readRun(context.ledger, runId)
  const now = context.clock.now()
  if (!isStalled(held.run, now, stalledMs)) return false
  const next: Run = { ...held.run, lease: null, outbox: { since: now, sent: (held.run.outbox?.sent ?? 0) + 1 } }
  const committed = await commitRun(context.ledger, held, next)
  if (committed === null) return false
  return (await publishStep(context, next)) === 'sent'
}

function isStalled(run: Run, now: number, stalledMs: number): boolean {
  if (run.status !== 'running') return false
  if (run.lease !== null) return run.lease.until < now
  return run.outbox === null || now - run.outbox.since >= stalledMs
}
