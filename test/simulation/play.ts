import { client } from './clients.js'
import { disturb, lose, outage } from './disturbances.js'
import { epilogue } from './epilogue.js'
import { climb, operator } from './operators.js'
import { randomOf } from './random.js'
import { durationOf, type Scenario } from './scenario.js'
import { type Scene, sceneOf } from './scene.js'
import { worldOf } from './world.js'

/** One seed, from the first operation to the last comparison. */
export async function play(scenario: Scenario, traced: boolean): Promise<Outcome> {
  const log: string[] | null = traced ? [] : null
  const random = randomOf(scenario.seed)
  const scene = sceneOf(scenario, worldOf(random, log), random)
  const { world, faults, history } = scene
  const fault = (text: string): void => void faults.push(text)
  const setting = { ...scene, ids: scenario.ids, namedShare: scenario.namedShare, pauseMs: scenario.pauseMs, fault }
  if (scenario.start !== 'off') await prologue(scene)
  const acts = Array.from({ length: scenario.clients }, (_, at) => client(setting, `c${at}`, scenario.operationsEach))
  const pace = { turns: scenario.turns, pauseMs: (2 * durationOf(scenario)) / scenario.turns }
  const desks = Array.from({ length: scenario.operators }, (_, at) => scene.newDesk(`o${at}`))
  for (const desk of desks) acts.push(operator(world, () => desk, pace, fault))
  scene.network.weather = scenario.weather
  for (let at = 0; at < scenario.outages; at++) acts.push(outage(scene, fault))
  if (scenario.loss) acts.push(lose(scene, fault))
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
  return { faults: [...faults, ...history.faults()], operations: history.size, trace: log ?? [] }
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
}
