import type { Check, CheckpointFinding } from '../../core/checkpoint/checkpoint.js'
import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import { isEnded, type Run } from '../../core/run.js'
import type { EngineContext } from '../context.js'
import { readRun } from '../runs/store.js'
import { openChecks, readCheck, settleCheckpoint } from './documents.js'

/**
 * What the cron does for checkpoints: settles those whose run is over without having settled them (it failed, was
 * cancelled, or is not there any more) as without evidence. Several of them at once settle each checkpoint once.
 */
export async function settleChecks(context: EngineContext, deadlineAt: number): Promise<Json> {
  const settled: string[] = []
  for (const id of await openChecks(context.ledger, CHECKS_MAX)) {
    if (context.clock.now() >= deadlineAt) break
    const { check } = await readCheck(context.ledger, id)
    const finding = await abandoned(context, check)
    if (finding === null) continue
    for (const [number, checkpoint] of check.checkpoints.entries()) {
      if (checkpoint.finding === null) await settleCheckpoint(context, id, number, finding)
    }
    settled.push(id)
  }
  return { settled }
}

export const CHECKS_MAX = 200
/** A check that needs no run is settled by whoever asks; one that is older than this was left by a crash. */
const ASKING_MS_MAX = 120_000

/** What is to be said of the open checkpoints of a check that nobody works on any more; `null`: somebody does. */
async function abandoned(context: EngineContext, check: Check): Promise<CheckpointFinding | null> {
  const run = check.runId === null ? null : await runOf(context, check.runId)
  if (run !== null && !isEnded(run.status)) return null
  if (run === null && context.clock.now() - check.askedAt < ASKING_MS_MAX) return null
  const numbers = { note: run?.note ?? null, endedRunId: check.runId }
  const because = run?.status === 'cancelled' ? 'run-cancelled' : 'run-failed'
  return { outcome: 'not-enough-evidence', because, numbers, examples: [] }
}

async function runOf({ ledger }: EngineContext, id: string): Promise<Run | null> {
  try {
    return (await readRun(ledger, id)).run
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'not-found') return null
    throw error
  }
}
