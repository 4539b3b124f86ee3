import { CutoverError } from '../../lib/core/error.js'
import type { Json, JsonObject } from '../../lib/core/json.js'
import { addCounters, type Run } from '../../lib/core/run.js'
import { type Stage, stageIndex } from '../../lib/core/stage.js'
import type { Move } from '../../lib/core/transition.js'
import type { Collection, Surroundings } from '../../lib/engine/collection.js'
import type { EngineContext } from '../../lib/engine/context.js'
import { backfillRun } from '../../lib/engine/runs/backfill.js'
import { degrade } from '../../lib/engine/stages/degrade.js'
import { type ConditionalMove, type MoveResult, moveStage, pairsOf } from '../../lib/engine/stages/move.js'
import { reconcile } from '../../lib/engine/stages/reconcile.js'
import { actOnStage } from './acts.js'
import { epochOfBoth, faultOfStep, type TakenEpochs } from './epochs.js'
import type { Bias, Scenario } from './scenario.js'
import type { Instance, World } from './world.js'

/** A process that runs operators' verbs, and the watch. */
export interface Desk {
  instance: Instance
  collection: Collection
  around: Surroundings
}

export const MOVER = { by: 'operator', reason: 'simulation' }

/** An operator who wants the collection now here, now there, with passes where a step asks for one. */
export async function operator(
  around: World,
  scenario: Pick<Scenario, 'seed' | 'skip'>,
  desk: () => Desk,
  { turns, pauseMs, bias = {}, taken }: Pace,
  fault: (text: string) => void,
): Promise<void> {
  let direction: Move['direction'] = bias.down ? 'down' : 'up'
  for (let turn = 0; turn < turns; turn++) {
    const { world, skipped } = actOnStage(scenario, around, `${desk().instance.name}/turn${turn}`)
    const { random } = world
    await world.sleep(random.below(pauseMs))
    if (skipped) continue
    if (random.chance(bias.turnsBack ?? 0.25)) direction = direction === 'up' ? 'down' : 'up'
    const kind = random.next()
    if (kind < 0.1) await attempt(world, 'reconcile', () => reconcileAll(desk().collection), fault)
    else if (kind < 0.25) await attempt(world, 'pass', () => pass(world, desk()), fault)
    else {
      const ifEpoch = taken && (await attempt(world, 'look', () => epochOfBoth(desk().collection), fault))
      const asked = { direction, ifEpoch: ifEpoch ?? undefined }
      const name = `move ${direction}`
      const result = await attempt(world, name, () => step(world, desk(), asked, bias), fault)
      const wrong = taken && ifEpoch && result ? faultOfStep(taken, ifEpoch, result) : null
      if (wrong !== null) fault(wrong)
      if (result?.kind !== 'refused') continue
      if (result.reason === 'epoch-moved') continue
      if (result.reason === 'already-there') direction = direction === 'up' ? 'down' : 'up'
      else await attempt(world, 'pass', () => pass(world, desk()), fault)
    }
  }
}

interface Pace {
  turns: number
  pauseMs: number
  bias?: Bias | undefined
  /** `null`: nobody asks for a step from an epoch. */
  taken: TakenEpochs | null
}

async function step({ random }: World, { collection, around }: Desk, asked: ConditionalMove, bias: Bias) {
  const share = random.chance(bias.shares ?? 0.4) ? { rolloutPercent: random.pick([0.01, 20, 50, 80]) } : {}
  return moveStage(collection, { ...asked, ...share }, MOVER, around)
}

/** Verbs may fail as everything may; the next turn tries again. */
export async function attempt<T>(
  world: World,
  name: string,
  work: () => Promise<T>,
  fault: (text: string) => void,
): Promise<T | undefined> {
  world.trace(() => `operator: ${name}`)
  try {
    const value = await Promise.race([work(), world.sleep(60_000).then(() => undefined)])
    world.trace(() => `operator: ${name} -> ${JSON.stringify(value)}`)
    return value
  } catch (error) {
    world.trace(() => `operator: ${name} failed: ${String(error)}`)
    const expected = error instanceof CutoverError && ['unavailable', 'contended', 'conflict'].includes(error.code)
    if (!expected) fault(`The verb ${name} threw ${error instanceof Error ? error.stack : String(error)}`)
    return undefined
  }
}

export async function reconcileAll(collection: Collection): Promise<void> {
  for (const [source, target] of pairsOf(collection)) await reconcile(source, target)
}

const BATCHES_MAX = 60
const TRIES_MAX = 12

/** A whole back-fill run, as its worker would do it, batches tried again when a store does not answer. */
export async function pass(world: World, { collection, around }: Desk): Promise<boolean> {
  const context = { ...around, collections: [collection] } as unknown as EngineContext
  const beginning = await persistently(world, () => backfillRun.begin(context, collection, {}))
  const run = { cursor: beginning.cursor, counters: {}, collection: collection.name, id: 'pass' } as unknown as Run
  run.input = (beginning.facts ?? {}) as JsonObject
  for (let batch = 0; run.cursor !== null && batch < BATCHES_MAX; batch++) {
    const limit = world.random.below(4, 1)
    const done = await persistently(world, () => backfillRun.batch(context, collection, run, limit))
    run.cursor = done.cursor as Json
    run.counters = addCounters(run.counters, done.counters)
  }
  if (run.cursor !== null) return false
  return (await persistently(world, () => backfillRun.finish(context, collection, run))).succeeded
}

export async function persistently<T>(world: World, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const again = error instanceof CutoverError && (error.code === 'unavailable' || error.code === 'contended')
      if (!again || attempt === TRIES_MAX) throw error
      await world.sleep(world.random.below(400))
    }
  }
}

/** The watch on a store that is out of reach: the other goes on alone. */
export async function leaveBehind(world: World, desk: Desk, lost: 'source' | 'target', fault: (text: string) => void) {
  await attempt(world, `degrade, ${lost} lost`, () => degrade(desk.collection, lost, MOVER, desk.around), fault)
}

/** Up to a stage, as a calm day would bring it there. */
export async function climb(world: World, desk: Desk, stage: Stage): Promise<void> {
  for (let at = 1; at <= stageIndex(stage); at++) {
    await moveStage(desk.collection, { direction: 'up' }, MOVER, desk.around)
    if (at < stageIndex(stage) || world.random.chance(0.6)) await pass(world, desk)
  }
}

/** To a strict stage with both stores full, from wherever it stands. */
export async function toStrict(world: World, desk: Desk): Promise<boolean> {
  for (let turn = 0; turn < 40; turn++) {
    await persistently(world, () => reconcileAll(desk.collection))
    const stages = await stagesOf(desk.collection)
    if (stages.every((stage) => stage === 'shadow' || stage === 'live')) return pass(world, desk)
    const move: Move = stages.some((stage) => stage === 'off')
      ? { direction: 'up', to: 'dualwrite' }
      : stages.some((stage) => stage === 'dualwrite')
        ? { direction: 'up', to: 'shadow' }
        : stages.some((stage) => stage === 'complete')
          ? { direction: 'down', to: 'rampdown' }
          : { direction: 'down', to: 'live' }
    const moved: MoveResult = await moveStage(desk.collection, move, MOVER, desk.around)
    if (moved.kind === 'refused') world.trace(() => `operator: refused ${JSON.stringify(moved)}`)
  }
  return false
}

async function stagesOf(collection: Collection): Promise<string[]> {
  const stages: string[] = []
  for (const [source] of pairsOf(collection)) {
    for (const range of (await source.control()).fence.ranges) stages.push(range.stage)
  }
  return stages
}
