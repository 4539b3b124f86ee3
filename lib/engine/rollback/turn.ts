import { CutoverError } from '../../core/error.js'
import type { Json } from '../../core/json.js'
import type { EngineContext } from '../context.js'
import { enforceOverrides } from '../switches/enforce.js'
import { noteSwitches } from '../switches/seen.js'
import { drive } from './drive.js'
import { goOnStopping } from './emergency-stop.js'
import { enter, type Held, isKept, letGo, unfinished } from './kept.js'
import { changePending, readPending } from './pending.js'
import { enterStop, stoppedInLedger } from './stopped.js'

/**
 * The turn of the tick that leads back: what was decided while the ledger was away is brought into it, an emergency stop
 * goes on with what it has left open, what the environment forces down is turned back, and every rollback that is under
 * way takes its next steps. Each part is tried whatever became of the one before.
 */
export async function rollbackTurn(context: EngineContext, deadlineAt: number): Promise<Json> {
  return {
    switches: await part(() => noteSwitches(context)),
    adopted: await part(() => adoptPending(context)),
    stopped: await part(() => goOnWithStop(context)),
    forced: await part(() => enforceOverrides(context)),
    rollbacks: await part(() => driveAll(context, deadlineAt)),
  }
}

async function part(work: () => Promise<Json>): Promise<Json> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof CutoverError) return { kind: 'failed', code: error.code }
    throw error
  }
}

/** First into the ledger, then out of the other place: a crash in between finds it there already. */
async function adoptPending(context: EngineContext): Promise<number> {
  const { rollbacks, stop } = await readPending(context.documents)
  if (stop !== null) {
    await enterStop(context, stop)
    await changePending(context.documents, (pending) =>
      pending.stop?.id === stop.id ? { ...pending, stop: null } : pending,
    )
  }
  for (const rollback of rollbacks) {
    if (!(await isKept(context.ledger, rollback.id))) await enter(context, { ...rollback, recorded: true })
    await changePending(context.documents, (pending) => ({
      ...pending,
      rollbacks: pending.rollbacks.filter(({ id }) => id !== rollback.id),
    }))
  }
  return rollbacks.length + (stop === null ? 0 : 1)
}

async function goOnWithStop(context: EngineContext): Promise<Json> {
  const stopped = await stoppedInLedger(context)
  const report = stopped === null ? null : await goOnStopping(context, stopped)
  if (report === null) return null
  return { stopId: report.stopped.id, open: [...report.stopped.open], underWay: report.underWay.length }
}

async function driveAll(context: EngineContext, deadlineAt: number): Promise<Json> {
  const driven: { [id: string]: Json } = {}
  for (const held of await unfinished(context)) {
    if (context.clock.now() >= deadlineAt) break
    driven[held.rollback.id] = await part(() => driveOne(context, held, deadlineAt))
  }
  return driven
}

async function driveOne(context: EngineContext, held: Held, deadlineAt: number): Promise<Json> {
  const rollback = await drive(context, held, deadlineAt)
  if (rollback.status === 'under-way') return rollback.inWords
  if (rollback.plansPaused !== null) await letGo(context, rollback)
  return rollback.status
}

/** What a run of a rollback's has come to may be what it waits for: it goes on at once. */
export async function afterRun(context: EngineContext, runId: string, deadlineAt: number): Promise<void> {
  const waits = (await unfinished(context)).filter(({ rollback }) =>
    rollback.steps.some((step) => step.runId === runId),
  )
  for (const held of waits) await drive(context, held, deadlineAt)
}
