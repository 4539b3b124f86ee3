import { CutoverError } from '../../lib/core/error.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { PlainTarget, Target, TargetCollection } from '../../lib/ports/store.js'
import type { Mishaps } from './mishaps.js'
import { type Random, strandOf } from './random.js'
import type { Instance, World } from './world.js'

/** How often requests meet which fate, each a probability. What is left arrives once, and so does its answer. */
export interface Weather {
  /** The request never arrives. */
  lost: number
  /** It takes effect, and the answer never comes. */
  unanswered: number
  /** The caller gives up; the request takes effect afterwards. */
  late: number
  /** It takes effect, and once more later. */
  duplicated: number
}

const CALM_WEATHER: Weather = { lost: 0, unanswered: 0, late: 0, duplicated: 0 }

export const CALM = { source: CALM_WEATHER, target: CALM_WEATHER, queue: CALM_WEATHER }

/** What lies between an instance and the stores. */
export interface Network {
  mishaps: Mishaps
  weather: { [store in StoreName]: Weather }
  /** Hunts only: see `Bias`. */
  slow?: number | undefined
  deskSpared?: boolean | undefined
  /** Requests under way whose senders have given them up, or had their answer. */
  strays: number
  /** Requests of `instance` to `store` do not arrive. */
  cut(store: StoreName, instance: Instance): boolean
}

/** The ledger is in the same Redis as the target, so that what befalls one befalls the other. */
export type StoreName = 'source' | 'target' | 'queue'

/**
 * One request: it takes effect at a moment of its own, atomically, and its answer comes at a later one. Whether the
 * sender still lives or is awake makes no difference to a request that is under way.
 */
export function send<T>(
  { world, network, instance, next }: Place,
  store: StoreName,
  label: () => string,
  effect: () => Promise<T>,
): Promise<T> {
  const { name, random } = next()
  const serves = instance.name.startsWith('s')
  return new Promise((resolve, reject) => {
    const giveUp = (): void =>
      instance.deliver(() => reject(new CutoverError('unavailable', `The ${store} does not answer.`)))
    const arrive = (then: (result: Promise<T>) => void): void => {
      const result = effect()
      result.then(
        (value) => world.trace(() => `${instance.name} ${store}.${label()} -> ${JSON.stringify(value)}`),
        (error: unknown) => world.trace(() => `${instance.name} ${store}.${label()} threw ${String(error)}`),
      )
      then(result)
    }
    const ignore = (result: Promise<T>): void => void result.catch(() => {})
    const stray = (ms: number): void => {
      network.strays += 1
      world.after(ms, () => {
        network.strays -= 1
        arrive(ignore)
      })
    }
    const answer = (result: Promise<T>): void => {
      const back = tripMs(random, serves ? network.slow : undefined)
      result.then(
        (value) => world.after(back, () => instance.deliver(() => resolve(value))),
        (error: unknown) => world.after(back, () => instance.deliver(() => reject(error))),
      )
    }
    const wait = tripMs(random, serves ? network.slow : undefined)
    const timeout = wait + random.below(400, 20)
    const drawn = random.next()
    const strayMs = lateMs(random)
    const weather = network.deskSpared && !serves ? CALM_WEATHER : network.weather[store]
    world.after(wait, () => {
      const fate = network.cut(store, instance) ? 'cut' : fateOf(drawn, weather, name, network.mishaps)
      if (fate !== 'calm') world.trace(() => `${instance.name} ${store}.${label()} is ${fate} (${name})`)
      if (fate !== 'calm' && fate !== 'duplicated') world.after(timeout, giveUp)
      if (fate === 'unanswered') arrive(ignore)
      if (fate === 'late') stray(timeout + strayMs)
      if (fate === 'calm' || fate === 'duplicated') arrive(answer)
      if (fate === 'duplicated') stray(strayMs)
    })
  })
}

type Fate = keyof Weather | 'calm'

function fateOf(drawn: number, weather: Weather, name: string, mishaps: Mishaps): Fate {
  let above = 0
  for (const kind of ['lost', 'unanswered', 'late', 'duplicated'] as const) {
    above += weather[kind]
    if (drawn < above) return mishaps.come(name, kind) ? kind : 'calm'
  }
  return 'calm'
}

export interface Place {
  world: World
  network: Network
  instance: Instance
  /** The next request of this instance: its name, and chance of its own. */
  next: () => { name: string; random: Random }
}

export function placeOf(world: World, network: Network, instance: Instance, seed: number): Place {
  let requests = 0
  const next = (): { name: string; random: Random } => {
    requests += 1
    const name = `${instance.name}/${requests}`
    return { name, random: strandOf(seed, name) }
  }
  return { world, network, instance, next }
}

/** In a hunt long trips are so long that stages move on meanwhile. */
function tripMs(random: Random, slow?: number): number {
  if (random.chance(slow ?? 0.05)) return random.below(slow === undefined ? 300 : 1_500, 20)
  return random.below(9, 1) + random.next()
}

/** Mostly soon enough to meet the next operations; now and then later than a store takes for anything but a stray. */
function lateMs(random: Random): number {
  const kind = random.next()
  if (kind < 0.7) return random.below(1_500)
  if (kind < 0.95) return random.below(20_000)
  return random.below(25 * 60_000, 9 * 60_000)
}

export function remoteDocuments(place: Place, store: DocumentStore): DocumentStore {
  return {
    label: store.label,
    get: (name, known) =>
      send(
        place,
        'source',
        () => 'get',
        () => store.get(name, known),
      ),
    put: (name, text, condition) =>
      send(
        place,
        'source',
        () => `put ${text}`,
        () => store.put(name, text, condition),
      ),
    remove: (name, condition) =>
      send(
        place,
        'source',
        () => 'remove',
        () => store.remove(name, condition),
      ),
    list: (prefix) =>
      send(
        place,
        'source',
        () => 'list',
        () => store.list(prefix),
      ),
  }
}

export function remoteTarget(place: Place, store: TargetCollection): TargetCollection {
  return {
    partitions: store.partitions.map((partition) => remotePartition(place, partition)),
    page: (after, limit) =>
      send(
        place,
        'target',
        () => 'page',
        () => store.page(after, limit),
      ),
    compare: (stretch, copies) =>
      send(
        place,
        'target',
        () => `compare ${JSON.stringify(stretch)}`,
        () => store.compare(stretch, copies),
      ),
    count: () =>
      send(
        place,
        'target',
        () => 'count',
        () => store.count(),
      ),
    plain: remotePlain(place, store),
  }
}

/** Makes a call of the target's side one that goes over the network; `say` is how a trace shows it. */
export function sender(place: Place, say: (name: string, given: readonly unknown[]) => string) {
  return <Arguments extends unknown[], T>(name: string, call: (...given: Arguments) => Promise<T>) =>
    (...given: Arguments): Promise<T> =>
      send(
        place,
        'target',
        () => say(name, given),
        () => call(...given),
      )
}

function remotePartition(place: Place, store: Target): Target {
  const over = sender(place, (name, given) => `${name} ${JSON.stringify(given)}`)
  return {
    label: store.label,
    get: over('get', store.get),
    begin: over('begin', store.begin),
    probe: over('probe', store.probe),
    prove: over('prove', store.prove),
    applyMany: over('applyMany', store.applyMany),
    settleMany: over('settleMany', store.settleMany),
    openIds: over('openIds', store.openIds),
    countOpen: over('countOpen', store.countOpen),
    getMany: over('getMany', store.getMany),
    control: over('control', store.control),
    raise: over('raise', store.raise),
    amend: over('amend', store.amend),
    beat: over('beat', store.beat),
  }
}

function remotePlain(place: Place, store: TargetCollection): PlainTarget {
  const { plain } = store
  return {
    get: (id) =>
      send(
        place,
        'target',
        () => `plain get ${id}`,
        () => plain.get(id),
      ),
    page: (after, limit) =>
      send(
        place,
        'target',
        () => 'plain page',
        () => plain.page(after, limit),
      ),
    write: (id, value, ifDigest) => {
      const label = () => `plain write ${id} ${JSON.stringify(value)} on ${ifDigest}`
      return send(place, 'target', label, () => plain.write(id, value, ifDigest))
    },
    purge: (cursor) =>
      send(
        place,
        'target',
        () => `purge ${cursor}`,
        () => plain.purge(cursor),
      ),
  }
}
