import { memoryDocuments } from '../../lib/drivers/documents/memory.js'
import { documentSource } from '../../lib/drivers/stores/documents/source.js'
import type { Collection, DataPlaneEvent, Surroundings } from '../../lib/engine/collection.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Ledger } from '../../lib/ports/ledger.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { COLLECTION } from './clients.js'
import { type Cron, cronOf } from './cron.js'
import { type History, historyOf } from './history.js'
import { mishapsOf } from './mishaps.js'
import { CALM, type Network, type Place, placeOf, remoteDocuments, type StoreName } from './network.js'
import type { Desk } from './operators.js'
import { type Oracles, oraclesOf } from './oracles.js'
import { type Process, processOf } from './process.js'
import { postOf } from './queue.js'
import { type Random, strandOf } from './random.js'
import { remoteLedger } from './remote.js'
import type { Rewindable } from './rewindable.js'
import type { Scenario } from './scenario.js'
import { type TargetSideOptions, targetSide } from './target-side.js'
import type { Whole } from './whole.js'
import { type Instance, instanceOf, type World } from './world.js'

/** The parts of one run that scenes work on. */
export interface Scene {
  scenario: Scenario
  world: World
  network: Network & { outages: Outage[] }
  history: History
  documents: DocumentStore
  target: TargetCollection
  ledger: Ledger
  rewind: Rewindable['rewind']
  /** Both stores as they are, without network. */
  raw: Collection
  oracles: Oracles
  /** `null` in histories without the control plane. */
  system: System | null
  /** How often the data plane said that the target has lost data, and the last epoch at which it did. */
  alarms: number
  alarmEpoch: number
  pending: Map<string, Instance>
  faults: string[]
  /** A process that answers now, picked by the caller's own chance. */
  server: (chance?: Random) => Process
  newDesk: (name: string) => Desk
}

/** What works on its own in a history of the whole system. */
export interface System {
  whole: Whole
  cron: Cron
  post: ReturnType<typeof postOf>
  /** From now on nothing befalls the queue. */
  calm: boolean
}

export interface Outage {
  store: StoreName
  until: number
  /** Names of the instances that do not reach the store; `null`: none does. */
  of: ReadonlySet<string> | null
}

/** What a test may put in place of the ordinary target. */
export type TargetChoice = Pick<TargetSideOptions, 'house' | 'tamper'>

export function sceneOf(scenario: Scenario, world: World, random: Random, choice: TargetChoice): Scene {
  const faults: string[] = []
  const outages: Outage[] = []
  const network = {
    mishaps: mishapsOf(scenario.only),
    weather: CALM,
    strays: 0,
    slow: scenario.bias?.slow,
    deskSpared: scenario.bias?.deskSpared,
    outages,
    cut: (store: StoreName, { name }: Instance) =>
      outages.some((one) => one.store === store && one.until > world.now() && (one.of === null || one.of.has(name))),
  }
  const fault = (text: string): void => void faults.push(text)
  const documents = memoryDocuments()
  const { partitions, leaseMs, whole } = scenario
  const { target, ledger, rewind, reach } = targetSide({
    partitions,
    clock: instanceOf(world, 'target', 0).clock,
    told: (...given) => oracles.told(...given),
    ...choice,
  })
  const sourceOf = (store: DocumentStore, { clock }: Instance): Collection['source'] => ({
    partitions: Array.from({ length: partitions }, (_, number) =>
      documentSource({ documents: store, name: `${number}.json`, collection: COLLECTION, clock }),
    ),
    shape: async () => 'map',
  })
  const raw = { name: COLLECTION, source: sourceOf(documents, instanceOf(world, 'observer', 0)), target, leaseMs }
  const oracles = oraclesOf(scenario, raw, fault)
  const heard = (event: DataPlaneEvent): void => {
    world.trace(() => JSON.stringify(event))
    if (event.kind === 'target-lost-data') {
      scene.alarms += 1
      scene.alarmEpoch = Math.max(scene.alarmEpoch, event.epoch ?? 0)
    }
    if (event.kind !== 'target-lost-data' || scenario.loss) return
    // An instance that has slept through a clean-up misses the fence, asks the source, and hears that all is over.
    if (whole?.cleanUp && event.sign === 'fence-missing') return
    fault(`False alarm: ${JSON.stringify(event)}`)
  }
  const connect = (place: Place): Collection => {
    const source = sourceOf(remoteDocuments(place, documents), place.instance)
    return { name: COLLECTION, source, target: reach(place), leaseMs }
  }
  let count = 0
  const open = (): Process => {
    count += 1
    const name = `s${count}`
    const own = strandOf(scenario.seed, name)
    const skew = own.chance(0.03) ? 11 * 60_000 : own.below(2_000, -2_000)
    const instance = instanceOf({ ...world, random: own }, name, skew)
    const place = placeOf(world, network, instance, scenario.seed)
    const stores = { collection: connect(place), documents: remoteDocuments(place, documents) }
    const queue = scene.system?.post.of(place) ?? NO_QUEUE
    const { differed } = oracles
    return processOf({
      scenario,
      instance,
      ...stores,
      ledger: remoteLedger(place, ledger),
      queue,
      heard,
      differed,
      fault,
    })
  }
  const servers: Process[] = []
  const server = (chance: Random = random): Process => {
    const at = chance.below(scenario.servers)
    const found = servers[at]
    if (found?.instance.alive) return found
    const fresh = open()
    servers[at] = fresh
    return fresh
  }
  const newDesk = (name: string): Desk => {
    const own = strandOf(scenario.seed, name)
    const instance = instanceOf({ ...world, random: own }, name, own.below(2_000, -2_000))
    const around: Surroundings = {
      clock: instance.clock,
      background: (work) => void work.catch(() => {}),
      report: heard,
    }
    return { instance, collection: connect(placeOf(world, network, instance, scenario.seed)), around }
  }
  const scene: Scene = {
    scenario,
    world,
    network,
    history: historyOf({ reused: scenario.loss }),
    documents,
    target,
    ledger,
    rewind,
    raw,
    oracles,
    system: null,
    alarms: 0,
    alarmEpoch: 0,
    pending: new Map(),
    faults,
    server,
    newDesk,
  }
  if (whole !== null) scene.system = systemOf(scene, whole, fault)
  for (let at = 0; at < scenario.servers; at++) servers.push(open())
  return scene
}

function systemOf(scene: Scene, whole: Whole, fault: (text: string) => void): System {
  const { world, network, scenario, server } = scene
  const { seed } = scenario
  const calm = (): boolean => system.calm
  const post = postOf({ world, mishaps: network.mishaps, seed, whole, calm, server, fault })
  const system: System = { whole, post, calm: false, cron: cronOf(scene, whole, fault) }
  return system
}

const NO_QUEUE = {
  label: 'none',
  publish: () => Promise.reject(new Error('There is no queue in this history.')),
}
