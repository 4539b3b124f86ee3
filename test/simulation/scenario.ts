import type { Stage } from '../../lib/core/stage.js'
import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import type { Collection, DataPlaneEvent, Surroundings } from '../../lib/engine/collection.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { COLLECTION, client, type Server } from './clients.js'
import { epilogue } from './epilogue.js'
import { type History, historyOf } from './history.js'
import { CALM, type Network, remoteDocuments, remoteTarget, type StoreName, type Weather } from './network.js'
import { climb, type Desk, leaveBehind, operator } from './operators.js'
import { type Random, randomOf } from './random.js'
import { type Instance, instanceOf, type World, worldOf } from './world.js'

/** What one seed stands for. */
export interface Scenario {
  seed: number
  partitions: number
  ids: string[]
  servers: number
  clients: number
  operationsEach: number
  namedShare: number
  pauseMs: number
  operators: number
  turns: number
  /** Where the collection stands when the clients come. */
  start: Stage
  weather: { [store in StoreName]: Weather }
  /** Degrade is enabled, and one of the stores goes away for a while. */
  leaseMs: number | null
  outages: number
  /** Processes frozen, and killed. */
  freezes: number
  kills: number
}

export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed * 7919 + 17)
  const storm = random.pick([0, 0.02, 0.08, 0.2])
  const leaseMs = random.chance(0.3) ? random.pick([800, 3_000]) : null
  return {
    seed,
    partitions: random.chance(0.3) ? 2 : 1,
    ids: ['a', 'b', 'c', 'd'].slice(0, random.pick([1, 1, 2, 3, 4])),
    servers: random.below(5, 2),
    clients: random.below(5, 2),
    operationsEach: random.below(18, 10),
    namedShare: random.pick([0, 0.3, 0.8]),
    pauseMs: random.pick([5, 200, 2_000]),
    operators: leaseMs === null && random.chance(0.25) ? 2 : 1,
    turns: random.below(22, 6),
    start: random.pick(['off', 'dualwrite', 'shadow', 'shadow', 'live', 'live', 'rampdown', 'rampdown', 'complete']),
    weather: { source: weatherOf(random, storm), target: weatherOf(random, storm) },
    leaseMs,
    outages: leaseMs !== null ? random.below(3, 1) : random.chance(0.2) ? 1 : 0,
    freezes: random.chance(0.4) ? random.below(5, 1) : 0,
    kills: random.chance(0.4) ? random.below(5, 1) : 0,
  }
}

/** One of the stores may be the worse one. */
function weatherOf(random: Random, storm: number): Weather {
  const share = random.pick([0, 0.3, 1])
  const rate = (): number => storm * share * random.next()
  return { lost: rate(), unanswered: rate(), late: rate(), duplicated: rate() }
}

/** About how long the clients will be at work, in milliseconds. */
function durationOf({ operationsEach, pauseMs }: Scenario): number {
  return operationsEach * (pauseMs / 2 + 60)
}

export interface Outcome {
  faults: string[]
  operations: number
  trace: string[]
}

/** The parts of one run that scenes work on. */
export interface Scene {
  scenario: Scenario
  world: World
  network: Network & { outages: Outage[] }
  history: History
  documents: DocumentStore
  target: TargetCollection
  pending: Map<string, Instance>
  faults: string[]
  server: () => Server
  newDesk: (name: string) => Desk
}

export interface Outage {
  store: StoreName
  until: number
  /** Names of the instances that do not reach the store; `null`: none does. */
  of: ReadonlySet<string> | null
}

export async function play(scenario: Scenario, traced: boolean): Promise<Outcome> {
  const log: string[] | null = traced ? [] : null
  const random = randomOf(scenario.seed)
  const stage = stageOf(scenario, worldOf(random, log), random)
  const { world, faults, history } = stage
  const fault = (text: string): void => void faults.push(text)
  const setting = { ...stage, ids: scenario.ids, namedShare: scenario.namedShare, pauseMs: scenario.pauseMs, fault }
  if (scenario.start !== 'off') await prologue(stage)
  const acts = Array.from({ length: scenario.clients }, (_, at) => client(setting, `c${at}`, scenario.operationsEach))
  const pace = { turns: scenario.turns, pauseMs: (2 * durationOf(scenario)) / scenario.turns }
  const desks = Array.from({ length: scenario.operators }, (_, at) => stage.newDesk(`o${at}`))
  for (const desk of desks) acts.push(operator(world, () => desk, pace, fault))
  stage.network.weather = scenario.weather
  for (let at = 0; at < scenario.outages; at++) acts.push(outage(stage, fault))
  disturb(stage)
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
  else await epilogue(stage, fault)
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

function stageOf(scenario: Scenario, world: World, random: Random): Scene {
  const faults: string[] = []
  const outages: Outage[] = []
  const network = {
    weather: CALM,
    outages,
    cut: (store: StoreName, { name }: Instance) =>
      outages.some((one) => one.store === store && one.until > world.now() && (one.of === null || one.of.has(name))),
  }
  const documents = memoryDocuments()
  const clock = instanceOf(world, 'target', 0).clock
  const target = memoryTarget({ collection: COLLECTION, partitions: scenario.partitions, clock })
  const report = (event: DataPlaneEvent): void => {
    world.trace(() => JSON.stringify(event))
    if (event.kind === 'target-lost-data') faults.push(`False alarm: ${JSON.stringify(event)}`)
  }
  const connect = (instance: Instance): { collection: Collection; around: Surroundings } => {
    const place = { world, network, instance }
    const remote = remoteDocuments(place, documents)
    const partitions = Array.from({ length: scenario.partitions }, (_, number) => {
      return documentSource({
        documents: remote,
        name: `${number}.json`,
        collection: COLLECTION,
        clock: instance.clock,
      })
    })
    const { leaseMs } = scenario
    const collection = { name: COLLECTION, source: { partitions }, target: remoteTarget(place, target), leaseMs }
    return { collection, around: { clock: instance.clock, background: (work) => void work.catch(() => {}), report } }
  }
  let count = 0
  const open = (): Server => {
    count += 1
    const skew = random.chance(0.03) ? 11 * 60_000 : random.below(2_000, -2_000)
    const instance = instanceOf(world, `s${count}`, skew)
    const { collection, around } = connect(instance)
    return { instance, plane: dataPlane([collection], around) }
  }
  const servers = Array.from({ length: scenario.servers }, open)
  const server = (): Server => {
    const at = random.below(servers.length)
    const found = servers[at]
    if (found?.instance.alive) return found
    const fresh = open()
    servers[at] = fresh
    return fresh
  }
  const newDesk = (name: string): Desk => {
    const instance = instanceOf(world, name, random.below(2_000, -2_000))
    return { instance, ...connect(instance) }
  }
  return {
    scenario,
    world,
    network,
    history: historyOf(),
    documents,
    target,
    pending: new Map(),
    faults,
    server,
    newDesk,
  }
}

/** A store goes away, for everybody or for some; where degrade is enabled the watch leaves it behind. */
async function outage(stage: Scene, fault: (text: string) => void): Promise<void> {
  const { world, network, scenario } = stage
  const { random } = world
  const duration = durationOf(scenario)
  await world.sleep(random.below(duration))
  const store = random.pick(['source', 'target'] as const)
  const servers = Array.from({ length: scenario.servers }, (_, at) => `s${at + 1}`)
  const some = random.chance(0.4) ? new Set(servers.filter(() => random.chance(0.5))) : null
  const lastsMs = random.below(Math.max(duration, 10 * (scenario.leaseMs ?? 0)), 100)
  const one: Outage = { store, until: world.now() + lastsMs, of: some }
  if (scenario.leaseMs !== null && network.outages.some(({ until }) => until > world.now())) return
  network.outages.push(one)
  world.trace(() => `the ${store} is out of reach of ${some === null ? 'all' : [...some].join()} for ${lastsMs} ms`)
  if (scenario.leaseMs === null || random.chance(0.3)) return
  await world.sleep(random.below(lastsMs / 2))
  // A store that was itself left behind cannot know it: whoever leaves the other one behind must, and does not.
  if (await isLevel(stage)) await leaveBehind(world, stage.newDesk('w'), store, fault)
}

/** Both stores stand at one fence, as nobody inside can see while one of them is away. */
async function isLevel({ documents, target }: Scene): Promise<boolean> {
  for (const [number, partition] of target.partitions.entries()) {
    const name = `${number}.json`
    const { clock } = instanceOf(worldOf(randomOf(0), null), 'observer', 0)
    const source = documentSource({ documents, name, collection: COLLECTION, clock })
    const [here, there] = [await source.control(), await partition.control()]
    if (here.fence.epoch !== (there.fence?.epoch ?? 0)) return false
  }
  return true
}

/** Processes that stop for a while, or for good, in the middle of anything. */
function disturb({ scenario, world, server }: Scene): void {
  const { random } = world
  const duration = durationOf(scenario)
  for (let at = 0; at < scenario.freezes; at++) {
    world.after(random.below(duration), () => {
      const { instance } = server()
      instance.frozenUntil = world.now() + random.below(random.chance(0.2) ? 25_000 : duration / 2, 10)
      world.trace(() => `${instance.name} freezes until ${instance.frozenUntil}`)
    })
  }
  for (let at = 0; at < scenario.kills; at++) {
    world.after(random.below(duration), () => {
      const { instance } = server()
      instance.alive = false
      world.trace(() => `${instance.name} is killed`)
    })
  }
}
