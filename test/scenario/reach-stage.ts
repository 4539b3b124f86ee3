import type { JsonObject } from '../../lib/core/json.js'
import type { Stage } from '../../lib/core/stage.js'
import { stageIndex } from '../../lib/core/stage.js'
import { startRun } from '../../lib/engine/runs/start.js'
import { readRun } from '../../lib/engine/runs/store.js'
import { workRun } from '../../lib/engine/runs/work.js'
import { walkStages } from '../../lib/engine/stages/walk.js'
import { collectionStatus } from '../../lib/engine/status.js'
import type { Wired } from '../../lib/wire.js'

/** Moves every collection to `stage`, with the passes that the way needs, as an operator would. */
export async function reachStage(wired: Wired, stage: Stage): Promise<void> {
  const context = await wired.control()
  const mover = { by: 'test', reason: 'a test' }
  for (const { name } of context.collections) {
    for (let step = 0; step < 12; step++) {
      const now = await collectionStatus(context, name)
      if (now.stage === stage) break
      const direction = stageIndex(stage) > stageIndex(now.stage) ? ('up' as const) : ('down' as const)
      const walked = await walkStages(context, { collection: name, direction, to: stage, action: 'test' }, mover)
      const why = walked.kind === 'refused' ? walked.reason : (walked.pending?.reason ?? null)
      if (why === 'zero-loss-not-proved') await completeRun(wired, name, 'validate', { zeroLoss: true })
      else if (why !== null) await completePass(wired, name)
    }
  }
}

/** A back-fill, worked here and now: the queue's own deliveries find it done. */
export function completePass(wired: Wired, collection: string): Promise<void> {
  return completeRun(wired, collection, 'backfill', {})
}

async function completeRun(
  wired: Wired,
  collection: string,
  kind: 'backfill' | 'validate',
  input: JsonObject,
): Promise<void> {
  const context = await wired.control()
  const started = await startRun(context, { kind, collection, input, by: 'test', reason: 'a test' })
  for (let step = 0; step < 1_000; step++) {
    const { run } = await readRun(context.ledger, started.id)
    if (run.status !== 'running') return
    await workRun(context, { runId: run.id, step: run.step }, Date.now() + 30_000)
  }
}
