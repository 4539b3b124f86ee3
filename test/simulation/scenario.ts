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
import { type Desk, leaveBehind, operator } from './operators.js'
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
  weather: Weather
  /** Degrade is enabled, and one of the stores goes away for a while. */
  leaseMs: number | null
  outages: number
  /** Processes frozen, and killed. */
  freezes: number
  kills: number
}

export function scenarioOf(seed: number): Scenario {
  const random = randomOf(seed * 7919 + 17)
  const storm = random.pick([0, 0.01, 0.04, 0.1])
  const leaseMs = random.chance(0.3) ? 2_000 : null
  return {
    seed,
    partitions: random.chance(0.3) ? 2 : 1,
    ids: ['a', 'b', 'c', 'd'].slice(0, random.below(5, 1)),
    servers: random.below(5, 2),
    clients: random.below(5, 2),
    operationsEach: random.below(18, 10),
    namedShare: random.pick([0, 0.3, 0.8]),
    pauseMs: random.pick([5, 200, 2_000]),
    operators: leaseMs === null && random.chance(0.25) ? 2 : 1,
    turns: random.below(22, 6),
    weather: { lost: storm, unanswered: storm, late: storm * random.next(), duplicated: storm * random.next() },
    leaseMs,
    outages: leaseMs !== null ? random.below(3, 1) : random.chance(0.2) ? 1 : 0,
    freezes: random.chance(0.4) ? random.below(4, 1) : 0,
    kills: random.chance(0.4) ? random.below(4, 1) : 0,
  }
}

export interface Outcome {
  faults: string[]
  operations: number
  trace: string[]
}

/** The parts of one run that scenes work on. */
export interface Stage {
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
  const acts = Array.from({ length: scenario.clients }, (_, at) => client(setting, `c${at}`, scenario.operationsEach))
  const desks = Array.from({ length: scenario.operators }, (_, at) => stage.newDesk(`o${at}`))
  for (const desk of desks) acts.push(operator(world, () => desk, scenario.turns, fault))
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

function stageOf(scenario: Scenario, world: World, random: Random): Stage {
  const faults: string[] = []
  const outages: Outage[] = []
  const network = {
    weather: scenario.weather,
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
async function outage(stage: Stage, fault: (text: string) => void): Promise<void> {
  const { world, network, scenario } = stage
  const { random } = world
  await world.sleep(random.below(20_000))
  const store = random.pick(['source', 'target'] as const)
  const servers = Array.from({ length: scenario.servers }, (_, at) => `s${at + 1}`)
  const some = random.chance(0.4) ? new Set(servers.filter(() => random.chance(0.5))) : null
  const lastsMs = random.below(20_000, 500)
  const one: Outage = { store, until: world.now() + lastsMs, of: some }
  if (scenario.leaseMs !== null && network.outages.some(({ until }) => until > world.now())) return
  network.outages.push(one)
  world.trace(() => `the ${store} is out of reach of ${some === null ? 'all' : [...some].join()} for ${lastsMs} ms`)
  if (scenario.leaseMs === null || random.chance(0.3)) return
  await world.sleep(random.below(6_000))
  await leaveBehind(world, stage.newDesk('w'), store, fault)
}

/** Processes that stop for a while, or for good, in the middle of anything. */
function disturb({ scenario, world, server }: Stage): void {
  const { random } = world
  for (let at = 0; at < scenario.freezes; at++) {
    world.after(random.below(25_000), () => {
      const { instance } = server()
      instance.frozenUntil = world.now() + random.below(25_000, 100)
      world.trace(() => `${instance.name} freezes until ${instance.frozenUntil}`)
    })
  }
  for (let at = 0; at < scenario.kills; at++) {
    world.after(random.below(25_000), () => {
      const { instance } = server()
      instance.alive = false
      world.trace(() => `${instance.name} is killed`)
    })
  }
}

export { CALM }
