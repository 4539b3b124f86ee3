import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import type { Collection, DataPlaneEvent, Surroundings } from '../../lib/engine/collection.js'
import { dataPlane } from '../../lib/engine/data-plane/data-plane.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { COLLECTION, type Server } from './clients.js'
import { type History, historyOf } from './history.js'
import { mishapsOf } from './mishaps.js'
import { CALM, type Network, placeOf, remoteDocuments, remoteTarget, type StoreName } from './network.js'
import type { Desk } from './operators.js'
import { type Random, strandOf } from './random.js'
import { type Rewindable, rewindable } from './rewindable.js'
import type { Scenario } from './scenario.js'
import { type Instance, instanceOf, type World } from './world.js'

/** The parts of one run that scenes work on. */
export interface Scene {
  scenario: Scenario
  world: World
  network: Network & { outages: Outage[] }
  history: History
  documents: DocumentStore
  target: TargetCollection
  rewind: Rewindable['rewind']
  pending: Map<string, Instance>
  faults: string[]
  /** A process that answers now, picked by the caller's own chance. */
  server: (chance?: Random) => Server
  newDesk: (name: string) => Desk
}

export interface Outage {
  store: StoreName
  until: number
  /** Names of the instances that do not reach the store; `null`: none does. */
  of: ReadonlySet<string> | null
}

/** Takes a guard away from the target, or gives it a fault: for tests that the simulation notices. */
export type Tamper = (target: TargetCollection) => TargetCollection

export function sceneOf(scenario: Scenario, world: World, random: Random, tamper: Tamper = (target) => target): Scene {
  const faults: string[] = []
  const outages: Outage[] = []
  const network = {
    mishaps: mishapsOf(scenario.suppressed ?? []),
    weather: CALM,
    slow: scenario.bias?.slow,
    outages,
    cut: (store: StoreName, { name }: Instance) =>
      outages.some((one) => one.store === store && one.until > world.now() && (one.of === null || one.of.has(name))),
  }
  const documents = memoryDocuments()
  const clock = instanceOf(world, 'target', 0).clock
  const { partitions } = scenario
  const { target, rewind } = rewindable(() => tamper(memoryTarget({ collection: COLLECTION, partitions, clock })))
  const report = (event: DataPlaneEvent): void => {
    world.trace(() => JSON.stringify(event))
    if (event.kind === 'target-lost-data' && !scenario.loss) faults.push(`False alarm: ${JSON.stringify(event)}`)
  }
  const connect = (instance: Instance): { collection: Collection; around: Surroundings } => {
    const place = placeOf(world, network, instance, scenario.seed)
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
    const name = `s${count}`
    const own = strandOf(scenario.seed, name)
    const skew = own.chance(0.03) ? 11 * 60_000 : own.below(2_000, -2_000)
    const instance = instanceOf({ ...world, random: own }, name, skew)
    const { collection, around } = connect(instance)
    return { instance, plane: dataPlane([collection], around) }
  }
  const servers = Array.from({ length: scenario.servers }, open)
  const server = (chance: Random = random): Server => {
    const at = chance.below(servers.length)
    const found = servers[at]
    if (found?.instance.alive) return found
    const fresh = open()
    servers[at] = fresh
    return fresh
  }
  const newDesk = (name: string): Desk => {
    const own = strandOf(scenario.seed, name)
    const instance = instanceOf({ ...world, random: own }, name, own.below(2_000, -2_000))
    return { instance, ...connect(instance) }
  }
  return {
    scenario,
    world,
    network,
    history: historyOf({ reused: scenario.loss }),
    documents,
    target,
    rewind,
    pending: new Map(),
    faults,
    server,
    newDesk,
  }
}
