import { CutoverError } from '../../core/error.js'
import { type Run, type RunStatus, type RunSteering, standingInWords, steeredTo } from '../../core/run.js'
import { auditEntry } from '../audit.js'
import type { EngineContext } from '../context.js'
import { publishStep } from './publish.js'
import { updateRun } from './store.js'

export interface Steering {
  runId: string
  by: string
  reason: string
}

/**
 * Of two who steer a run at the same moment one finds it steered: a `conflict` that says who was faster, when and why.
 *
 * A worker in the middle of a batch learns of it at its next commit; the batch it was at is worked again
 * later.
 */
export function pauseRun(context: EngineContext, steering: Steering): Promise<Run> {
  return steer(context, steering, 'pause-run', ['running'], (run) => ({
    ...run,
    status: 'paused',
    lease: null,
    outbox: null,
    note: steering.reason,
  }))
}

export async function resumeRun(context: EngineContext, steering: Steering): Promise<Run> {
  const since = context.clock.now()
  const resumed = await steer(context, steering, 'resume-run', ['paused'], (run) => ({
    ...run,
    status: 'running',
    note: null,
    step: run.step + 1,
    outbox: { since, sent: 0 },
  }))
  await publishStep(context, resumed)
  return resumed
}

export function cancelRun(context: EngineContext, steering: Steering): Promise<Run> {
  const endedAt = context.clock.now()
  return steer(context, steering, 'cancel-run', ['running', 'paused'], (run) => ({
    ...run,
    status: 'cancelled',
    endedAt,
    lease: null,
    outbox: null,
    note: steering.reason,
  }))
}

async function steer(
  context: EngineContext,
  { runId, by, reason }: Steering,
  action: RunSteering,
  from: readonly RunStatus[],
  change: (run: Run) => Run,
): Promise<Run> {
  return updateRun(context.ledger, runId, (run) => {
    if (!from.includes(run.status)) {
      const steered = steeredTo(run)
      throw new CutoverError('conflict', `The run ${runId} cannot be changed that way: ${standingInWords(run)}.`, {
        details: {
          reason: 'changed-meanwhile',
          status: run.status,
          by: steered?.by ?? null,
          at: steered ? new Date(steered.at).toISOString() : null,
        },
      })
    }
    const at = context.clock.now()
    const next: Run = { ...change(run), steered: { action, by, reason, at } }
    const before = { runId, status: run.status }
    const entry = auditEntry({
      at,
      by,
      action,
      collection: run.collection,
      reason,
      before,
      after: { status: next.status },
    })
    return { run: next, entries: [entry] }
  })
}
