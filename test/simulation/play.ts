import { client } from './clients.js'
import { disturb, lose, outage } from './disturbances.js'
import { epilogue } from './epilogue.js'
import type { Mishaps } from './mishaps.js'
import { climb, operator } from './operators.js'
import { randomOf, strandOf } from './random.js'
import { durationOf, type Scenario } from './scenario.js'
import { type Scene, sceneOf, type Tamper } from './scene.js'
import { type World, worldOf } from './world.js'

/** One seed, from the first operation to the last comparison. */
export async function play(scenario: Scenario, traced: boolean, tamper?: Tamper): Promise<Outcome> {
  const log: string[] | null = traced ? [] : null
  const random = randomOf(scenario.seed)
  const scene = sceneOf(scenario, worldOf(random, log), random, tamper)
  const { world, faults, history } = scene
  const fault = (text: string): void => void faults.push(text)
  const { ids, namedShare, pauseMs, bias } = scenario
  const setting = { ...scene, ids, namedShare, pauseMs, bias, fault }
  if (scenario.start !== 'off') await prologue(scene)
  const acts = Array.from({ length: scenario.clients }, (_, at) => {
    const alone = apart(scene, `c${at}`)
    const server = () => scene.server(alone.random)
    return client({ ...setting, world: alone, server }, `c${at}`, scenario.operationsEach)
  })
  const pace = { turns: scenario.turns, pauseMs: (2 * durationOf(scenario)) / scenario.turns, bias }
  const desks = Array.from({ length: scenario.operators }, (_, at) => scene.newDesk(`o${at}`))
  for (const desk of desks) acts.push(operator(apart(scene, desk.instance.name), () => desk, pace, fault))
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
  else await epilogue(scene, fault)
  const { names, counts } = scene.network.mishaps
  const found = [...faults, ...history.faults()]
  return { faults: found, operations: history.size, trace: log ?? [], mishaps: names, counts }
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
  counts: Mishaps['counts']
}
