import type { Check, CheckpointKind, CheckpointOutcome, Rule } from '../../../lib/core/checkpoint/checkpoint.js'
import { ruleOf, type Wish } from '../../../lib/core/checkpoint/rule.js'
import type { Json } from '../../../lib/core/json.js'
import type { Stage } from '../../../lib/core/stage.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import { askCheck } from '../../../lib/engine/checkpoints/ask.js'
import { readCheck } from '../../../lib/engine/checkpoints/documents.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { readRun } from '../../../lib/engine/runs/store.js'
import { workRun } from '../../../lib/engine/runs/work.js'
import { streamOfKind } from '../../../lib/engine/state/journal.js'
import type { TargetCollection } from '../../../lib/ports/store.js'
import { fill, goTo, PARTITIONS, quickClock, type World, world } from '../validate/world.js'

export const ANN = { by: 'ann', reason: 'because' }
export const NAME = 'projects'

/** A world with records, in a stage; the target may be made to lie. */
export async function filled(
  stage: Stage,
  records: number,
  lie: (target: TargetCollection) => TargetCollection = (target) => target,
): Promise<World> {
  const clock = quickClock()
  const target = memoryTarget({ collection: NAME, partitions: PARTITIONS, clock })
  const at = world({ clock, target: lie(target) })
  await fill(at, records)
  await goTo(at, stage)
  await at.settled()
  return at
}

export function rules(...wishes: Wish[]): Rule[] {
  return wishes.map(ruleOf)
}

/** Asks, and works the run until it has ended. `batchwise`: one batch in each delivery. */
export async function checked(
  { context }: { context: EngineContext },
  asked: readonly Rule[],
  options: { batchwise?: boolean; between?: () => Promise<void>; component?: string } = {},
): Promise<Check> {
  const request = { component: options.component ?? NAME, phase: null, name: null, rules: asked }
  const { id, runId } = await askCheck(context, request, ANN)
  for (let delivery = 0; runId !== null && delivery < 500; delivery++) {
    const { run } = await readRun(context.ledger, runId)
    if (run.status !== 'running') break
    const deadline = context.clock.now() + (options.batchwise ? -60_000 : 60_000)
    await workRun(context, { runId, step: run.step }, deadline)
    await options.between?.()
  }
  return (await readCheck(context.ledger, id)).check
}

export function outcomes(check: Check): { [kind in CheckpointKind]?: CheckpointOutcome | undefined } {
  return Object.fromEntries(check.checkpoints.map(({ kind, finding }) => [kind, finding?.outcome]))
}

/** Everything that was entered about checkpoints, oldest first. */
export async function entered({ ledger }: EngineContext, kind: 'validation-checkpoint' | 'phase-check') {
  const { items } = await ledger.entries(streamOfKind(kind), { limit: 500 })
  return items.map(({ value }) => value as { [member: string]: Json })
}
