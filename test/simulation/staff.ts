import { acknowledgeAlert } from '../../lib/commands/operators/alerts/acknowledge-alert.js'
import { advanceStage } from '../../lib/commands/operators/collections/advance-stage.js'
import { rollBack } from '../../lib/commands/operators/collections/roll-back.js'
import { cleanUp } from '../../lib/commands/operators/finish/clean-up.js'
import { emergencyRollback } from '../../lib/commands/operators/rollbacks/emergency-rollback.js'
import { backfill } from '../../lib/commands/operators/runs/backfill.js'
import { cancelRun } from '../../lib/commands/operators/runs/cancel-run.js'
import { pauseRun } from '../../lib/commands/operators/runs/pause-run.js'
import { resumeRun } from '../../lib/commands/operators/runs/resume-run.js'
import { validate } from '../../lib/commands/operators/runs/validate.js'
import { CutoverError } from '../../lib/core/error.js'
import { isEnded, type Run } from '../../lib/core/run.js'
import { STAGES, type Stage, stageIndex } from '../../lib/core/stage.js'
import { unattendedAlerts } from '../../lib/engine/alerts/list.js'
import { collectionOf } from '../../lib/engine/context.js'
import { listRuns } from '../../lib/engine/runs/store.js'
import { COLLECTION } from './clients.js'
import { epochOfBoth, faultOfStep, type TakenEpochs } from './epochs.js'
import { type Process, textOf } from './process.js'
import type { Random } from './random.js'
import type { Scene } from './scene.js'
import type { Whole } from './whole.js'

/** Somebody who works through the verbs, each at any process. */
export interface Clerk {
  scene: Scene
  name: string
  random: Random
  /** `null`: nobody asks for a step from an epoch. */
  taken: TakenEpochs | null
  fault: (text: string) => void
}

const collection = COLLECTION
const reason = 'simulation'
const CALLER = { name: 'operator', role: 'admin' } as const

/** An operator without a plan: stages up and down, runs of every kind, and now and then the emergency brake. */
export async function operate(clerk: Clerk, whole: Whole): Promise<void> {
  const { scene, random } = clerk
  for (let turn = 0; turn < whole.staffTurns; turn++) {
    await scene.world.sleep(random.below((2 * whole.durationMs) / whole.staffTurns))
    const kind = random.next()
    if (kind < 0.4) await move(clerk, whole.ceiling)
    else if (kind < 0.6) await verb(clerk, 'backfill', ({ command }) => pass(command, random))
    else if (kind < 0.75) await verb(clerk, 'validate', ({ command }) => compare(command, random))
    else if (kind < 0.92) await verb(clerk, 'steer a run', ({ command }) => steer(command, random))
    else if (kind < 0.95)
      await verb(clerk, 'brake', ({ command }) => emergencyRollback.run(command, { reason }, CALLER))
    else await acknowledgeAll(clerk)
  }
}

type Command = Process['command']

function pass(command: Command, random: Random): Promise<unknown> {
  const pace = random.chance(0.2) ? { recordsPerSecondMax: random.pick([0.5, 5]) } : {}
  return backfill.run(command, { collection, reason, ...pace }, CALLER)
}

function compare(command: Command, random: Random): Promise<unknown> {
  const input = { collection, reason, repair: random.chance(0.4), redact: [], mismatchesKept: 100 }
  return validate.run(command, input, CALLER)
}

async function move(clerk: Clerk, ceiling: Stage): Promise<void> {
  const { random } = clerk
  const up = random.chance(0.6)
  const share = random.chance(0.4) ? { rolloutPercent: random.pick([0.01, 20, 50, 80]) } : {}
  const goals = STAGES.filter((stage) => stageIndex(stage) <= stageIndex(ceiling))
  // With a ceiling every step has a goal, or the default might lie above it.
  const to = ceiling !== 'complete' || random.chance(0.3) ? { to: random.pick(goals) } : {}
  const { taken, fault } = clerk
  await verb(clerk, `move ${JSON.stringify({ up, ...share, ...to })}`, async ({ command }) => {
    const ifEpoch = taken === null ? undefined : await epochOfBoth(collectionOf(command.engine, collection))
    const input = { collection, reason, ...share, ...to, ifEpoch }
    const answer = await (up ? advanceStage : rollBack).run(command, input, CALLER)
    const wrong = taken !== null && ifEpoch !== undefined ? faultOfStep(taken, ifEpoch, answer) : null
    if (wrong !== null) fault(wrong)
    return answer
  })
}

async function steer(command: Command, random: Random): Promise<unknown> {
  const runs = await listRuns(command.engine.ledger, { collection, active: true, limit: 20 })
  if (runs.length === 0) return undefined
  const run = random.pick(runs)
  const input = { runId: run.id, reason }
  if (run.status === 'paused') return (random.chance(0.8) ? resumeRun : cancelRun).run(command, input, CALLER)
  return (random.chance(0.7) ? pauseRun : cancelRun).run(command, input, CALLER)
}

export async function acknowledgeAll(clerk: Clerk): Promise<void> {
  await verb(clerk, 'acknowledge', async ({ command }) => {
    const reason = 'seen'
    for (const { id } of await unattendedAlerts(command.engine, 20))
      await acknowledgeAlert.run(command, { alertId: id, reason }, CALLER)
  })
}

/** Whatever was paused goes on, so that a history can come to its end. */
export async function resumeAll(clerk: Clerk): Promise<void> {
  await verb(clerk, 'resume', async ({ command }) => {
    const runs: Run[] = await listRuns(command.engine.ledger, { collection, active: true, limit: 50 })
    for (const { id, status } of runs)
      if (status === 'paused') await resumeRun.run(command, { runId: id, reason }, CALLER)
    return runs.filter(({ status }) => !isEnded(status)).map(({ id }) => id)
  })
}

/** A pause that was long under way may have come when nobody resumes any more. */
export async function cancelPaused(clerk: Clerk): Promise<void> {
  await verb(clerk, 'cancel', async ({ command }) => {
    const runs: Run[] = await listRuns(command.engine.ledger, { collection, active: true, limit: 50 })
    for (const { id, status } of runs)
      if (status === 'paused') await cancelRun.run(command, { runId: id, reason }, CALLER)
  })
}

export async function finishAll(clerk: Clerk): Promise<unknown> {
  return await verb(clerk, 'clean up', ({ command }) => cleanUp.run(command, { collection, reason }, CALLER))
}

/** What an operator may be told; anything else is a fault. */
const EXPECTED = ['unavailable', 'contended', 'conflict', 'not-found', 'outcome-unknown']
/** Longer than any function lives. */
const PATIENCE_MS = 60_000

/** Verbs may fail as everything may, and an operator goes on to the next. */
export async function verb<T>(
  { scene, name, random, fault }: Clerk,
  what: string,
  work: (process: Process) => Promise<T>,
): Promise<T | undefined> {
  const { world, pending } = scene
  const process = scene.server(random)
  const label = `${name}, ${what}`
  world.trace(() => `${label} at ${process.instance.name}`)
  pending.set(label, process.instance)
  const ended = work(process).then(
    (value) => {
      world.trace(() => `${label} -> ${JSON.stringify(value)?.slice(0, 500)}`)
      return value
    },
    (error: unknown) => {
      world.trace(() => `${label} failed: ${String(error)}`)
      if (!(error instanceof CutoverError) || !EXPECTED.includes(error.code)) fault(`${label} threw ${textOf(error)}`)
      return undefined
    },
  )
  void ended.finally(() => pending.delete(label))
  return await Promise.race([ended, world.sleep(PATIENCE_MS).then(() => undefined)])
}
