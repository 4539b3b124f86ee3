import { CutoverError } from '../../core/error.js'
import type { Run } from '../../core/run.js'
import type { EngineContext } from '../context.js'

/** Path of the job route that works on runs. */
export const RUN_JOB_PATH = '/api/jobs/run'

/** Runs worked on at the same time, over all collections. */
const PARALLELISM = 3

/**
 * Puts the message of the run's step into the queue. Failure is no matter: the run itself says that the message is
 * due, and the watch sends it again. Each sending has its own deduplication id, or the queue would swallow a second
 * one for a message that it lost.
 */
export async function publishStep(context: EngineContext, run: Run): Promise<'sent' | 'left-to-the-watch'> {
  const waitMs = (run.outbox?.since ?? 0) - context.clock.now()
  try {
    await context.queue.publish({
      path: RUN_JOB_PATH,
      body: { runId: run.id, step: run.step },
      deduplicationId: `${run.id}-${run.step}-${run.outbox?.sent ?? 0}`,
      ...(waitMs > 0 ? { delaySeconds: Math.ceil(waitMs / 1000) } : {}),
      flowControl: { key: 'cutover-runs', parallelism: PARALLELISM },
    })
    return 'sent'
  } catch (error) {
    if (error instanceof CutoverError && error.code === 'unavailable') return 'left-to-the-watch'
    throw error
  }
}
