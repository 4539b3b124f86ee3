import { pairsOf } from '../../lib/engine/stages/move.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { type ClientSetting, client } from './clients.js'
import { plantDamage } from './damage.js'
import { disturb, lose, outage } from './disturbances.js'
import { epilogue } from './epilogue.js'
import type { TakenEpochs } from './epochs.js'
import type { Mishaps } from './mishaps.js'
import { climb, operator } from './operators.js'
import { lookAfterPlan } from './planner.js'
import { randomOf, strandOf } from './random.js'
import { openRedisHouse } from './redis-target.js'
import { runsOf } from './rest.js'
import { durationOf, type Scenario } from './scenario.js'
import { type Scene, sceneOf } from './scene.js'
import { type Clerk, operate } from './staff.js'
import type { Tamper } from './target-side.js'
import type { Whole } from './whole.js'
import { type World, worldOf } from './world.js'

/** One seed, from the first operation to the last comparison. */
export async function play(scenario: Scenario, traced: boolean, tamper: Tamper = asItIs): Promise<Outcome> {
  const log: string[] | null = traced ? [] : null
  const random = randomOf(scenario.seed)
  const house = scenario.target === 'redis' ? await openRedisHouse() : null
  const scene = sceneOf(scenario, worldOf(random, log), random, { house, tamper })
  const { world, faults, history } = scene
  const fault = (text: string): void => void faults.push(text)
  const { ids, namedShare, pauseMs, bias, whole } = scenario
  const setting = { ...scene, ids, namedShare, pauseMs, bias, versions: !whole?.cleanUp, fault }
  if (scenario.start !== 'off') await prologue(scene)
  if (whole?.damage && scene.network.mishaps.come('damage', 'damage')) await plantDamage(scene.raw)
  const names = Array.from({ length: scenario.clients }, (_, at) => `c${at}`)
  const acts = names.map((name) => client(clientOf(scene, setting, name), name, scenario.operationsEach))
  const turnMs = (2 * durationOf(scenario)) / scenario.turns
  const pace = { turns: scenario.turns, pauseMs: turnMs, bias, taken: takenOf(scenario) }
  const desks = Array.from({ length: scenario.operators }, (_, at) => scene.newDesk(`o${at}`))
  for (const desk of desks) acts.push(operator(world, scenario, () => desk, pace, fault))
  if (whole !== null) acts.push(...staffOf(scene, whole, fault))
  scene.network.weather = scenario.weather
  for (let at = 0; at < scenario.outages; at++) {
    const name = `outage/${at}`
    acts.push(outage({ ...scene, world: apart(scene, name) }, name, fault))
  }
  if (scenario.loss) acts.push(lose({ ...scene, world: apart(scene, 'loss') }, fault))
  disturb(scene)
  let over = false
  Promise.all(acts).then(
    () => (over = true),
    (error) => {
      fault(`The simulation broke: ${error instanceof Error ? error.stack : String(error)}`)
      over = true
    },
  )
  const end = await world.run(() => over)
  if (end !== 'ended') fault(`The scenario did not end: ${end}.`)
  else await epilogue(scene, fault, (name) => clientOf(scene, setting, name))
  const { names: mishaps } = scene.network.mishaps
  const found = [...faults, ...history.faults()]
  return { faults: found, operations: history.size, trace: log ?? [], mishaps, counts: await countsOf(scene) }
}

function takenOf({ byEpoch = false }: Scenario): TakenEpochs | null {
  return byEpoch ? new Set() : null
}

/** Those who work on the control plane while the clients are at work. */
function staffOf(scene: Scene, whole: Whole, fault: (text: string) => void): Promise<void>[] {
  scene.system?.cron.start()
  const taken = takenOf(scene.scenario)
  const clerk = (name: string): Clerk => ({ scene, name, random: strandOf(scene.scenario.seed, name), taken, fault })
  const acts = Array.from({ length: whole.staff }, (_, at) => operate(clerk(`staff${at}`), whole))
  if (whole.plan !== 'none') acts.push(lookAfterPlan(clerk('planner'), whole))
  return acts
}

async function countsOf(scene: Scene): Promise<Counts> {
  const { raw, network, system } = scene
  let stageChanges = 0
  for (const [source] of pairsOf(raw)) stageChanges += (await source.control()).fence.epoch
  const runs = system === null ? 0 : (await runsOf(scene)).length
  return { ...network.mishaps.counts, stageChanges, runs, ticks: system?.cron.ticks ?? 0 }
}

function asItIs(target: TargetCollection): TargetCollection {
  return target
}

function clientOf(scene: Scene, setting: ClientSetting, name: string): ClientSetting {
  const world = apart(scene, name)
  return { ...setting, world, server: scene.server }
}

/** The world as one actor knows it: with chance of its own. */
function apart({ world, scenario }: Scene, name: string): World {
  return { ...world, random: strandOf(scenario.seed, name) }
}

async function prologue({ world, scenario, newDesk }: Scene): Promise<void> {
  let there = false
  const done = climb(world, newDesk('first'), scenario.start).finally(() => {
    there = true
  })
  await world.run(() => there)
  await done
}

export interface Outcome {
  faults: string[]
  operations: number
  trace: string[]
  /** Names of the mishaps that came, in order, and how many of each kind. */
  mishaps: readonly string[]
  counts: Counts
}

/** Mishaps of each kind; and what the history held of other things. */
export type Counts = Mishaps['counts'] & { stageChanges: number; runs: number; ticks: number }
