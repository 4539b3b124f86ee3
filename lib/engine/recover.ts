import { CutoverError } from '../core/error.js'
import type { SourceControl } from '../core/protocol/answers.js'
import { isEnded, type Run } from '../core/run.js'
import { isStrict } from '../core/stage.js'
import type { PeriodRange } from '../core/transition.js'
import { raiseAlert } from './alerts/raise.js'
import type { Collection } from './collection.js'
import type { EngineContext } from './context.js'
import { startRun } from './runs/start.js'
import { cancelRun } from './runs/steer.js'
import { latestRun } from './runs/store.js'
import { sideBySide } from './side-by-side.js'
import { enterMissedDecisions } from './stages/audited.js'
import { resetHeartbeat } from './stages/heartbeat.js'
import { type Mover, pairsOf } from './stages/move.js'
import { type NotedPlan, recoveredAt } from './stages/noted.js'
import { type RecoveryResult, recoverTarget } from './stages/recover-target.js'

/**
 * The target lost acknowledged data: shadow under a new era, and a pass to fill the target again. The decision is in
 * the source's document; alert and pass follow from it, now or, if ledger or queue are out of reach, at a later watch.
 * `found`: partitions, each with the epoch at which the loss was found; default: all.
 */
export async function recover(
  context: EngineContext,
  collection: Collection,
  mover: Mover,
  found?: ReadonlyMap<number, number>,
): Promise<RecoveryResult> {
  const result = await recoverTarget(collection, mover, context, found)
  for (const number of result.partitions) {
    const [source, target] = pairsOf(collection)[number] ?? []
    if (source !== undefined && target !== undefined) await resetHeartbeat(source, target)
  }
  if (result.partitions.length > 0) await followUp(context, collection).catch(ignoreFault)
  return result
}

/** What has to follow a recovery and has not happened yet: audit, alert, pass. Safe at any time, and to repeat. */
export async function followUp(
  context: EngineContext,
  collection: Collection,
  seen?: readonly SourceControl[],
): Promise<void> {
  const controls = seen ?? (await sideBySide(pairsOf(collection), ([source]) => source.control()))
  const recovery = latestRecovery(controls)
  if (recovery === null) return
  const { name } = collection
  const { by, reason, fence, to } = recovery
  const epoch = recoveredAt(recovery)
  await enterMissedDecisions(context, name)
  const strict = fence.ranges.some(({ stage }) => isStrict(stage))
  await raiseAlert(context, {
    about: `target-lost-data-${name}-${epoch}`,
    once: true,
    severity: 'critical',
    kind: 'target-lost-data',
    component: name,
    message: `The target of ${name} has lost acknowledged data; a new era began at epoch ${epoch}, in ${to}. ${
      strict
        ? 'What was acknowledged in shadow and live is at the source, and a back-fill brings it back.'
        : 'What was acknowledged since rampdown and not copied back to the source is lost; go back to live and back-fill.'
    }`,
  })
  if (!strict) return
  const latest = await latestRun(context.ledger, name, 'backfill')
  if (latest !== null && coversPeriod(latest, epoch)) return
  if (latest !== null && !isEnded(latest.status)) {
    // It began before the loss: what it has passed may be gone, and it can declare nothing any more.
    await cancelRun(context, { runId: latest.id, by, reason })
  }
  await startRun(context, { kind: 'backfill', collection: name, input: {}, by, reason })
}

/** Whether the run began in that strict period. Clocks of two instances could not tell. */
function coversPeriod({ input }: Run, period: number): boolean {
  const covered = (input.covered ?? []) as unknown as PeriodRange[][]
  return covered.some((ranges) => ranges.some((range) => range.period === period))
}

/** The recovery that the collection still stands in: nothing was decided since, and the pass is still to come. */
function latestRecovery(controls: readonly SourceControl[]): NotedPlan | null {
  let latest: NotedPlan | null = null
  for (const { plan, fence } of controls) {
    const recovery: NotedPlan | null = plan
    if (!recovery?.recovery || fence.epoch !== recovery.fence.epoch) continue
    const strict = fence.ranges.filter(({ stage }) => isStrict(stage))
    if (strict.length > 0 && strict.every(({ fullTarget }) => fullTarget)) continue
    if (latest === null || recoveredAt(recovery) > recoveredAt(latest)) latest = recovery
  }
  return latest
}

function ignoreFault(error: unknown): void {
  if (!(error instanceof CutoverError)) throw error
}
