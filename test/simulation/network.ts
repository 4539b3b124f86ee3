import { CutoverError } from '../../lib/core/error.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Target, TargetCollection } from '../../lib/ports/store.js'
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

export const CALM = { source: CALM_WEATHER, target: CALM_WEATHER }

/** What lies between an instance and the stores. */
export interface Network {
  weather: { [store in StoreName]: Weather }
  /** Requests of `instance` to `store` do not arrive. */
  cut(store: StoreName, instance: Instance): boolean
}

export type StoreName = 'source' | 'target'

/**
 * One request: it takes effect at a moment of its own, atomically, and its answer comes at a later one. Whether the
 * sender still lives or is awake makes no difference to a request that is under way.
 */
function send<T>(
  { world, network, instance }: Place,
  store: StoreName,
  label: () => string,
  effect: () => Promise<T>,
): Promise<T> {
  const { random } = world
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
    const answer = (result: Promise<T>): void => {
      const back = tripMs(world)
      result.then(
        (value) => world.after(back, () => instance.deliver(() => resolve(value))),
        (error: unknown) => world.after(back, () => instance.deliver(() => reject(error))),
      )
    }
    const wait = tripMs(world)
    const timeout = wait + random.below(400, 20)
    const { lost, unanswered, late, duplicated } = network.weather[store]
    const drawn = random.next()
    world.after(wait, () => {
      if (network.cut(store, instance) || drawn < lost) {
        world.trace(() => `${instance.name} ${store}.${label()} is lost`)
        return world.after(timeout, giveUp)
      }
      if (drawn < lost + unanswered) {
        world.trace(() => `${instance.name} ${store}.${label()} will not be answered`)
        arrive(ignore)
        return world.after(timeout, giveUp)
      }
      if (drawn < lost + unanswered + late) {
        world.trace(() => `${instance.name} ${store}.${label()} is late`)
        world.after(timeout, giveUp)
        return world.after(timeout + lateMs(world), () => arrive(ignore))
      }
      arrive(answer)
      if (drawn < lost + unanswered + late + duplicated) world.after(lateMs(world), () => arrive(ignore))
    })
  })
}

export interface Place {
  world: World
  network: Network
  instance: Instance
}

function tripMs({ random }: World): number {
  return random.chance(0.05) ? random.below(300, 20) : random.below(9, 1) + random.next()
}

/** Mostly soon enough to meet the next operations; now and then later than a store takes for anything but a stray. */
function lateMs({ random }: World): number {
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
    count: () =>
      send(
        place,
        'target',
        () => 'count',
        () => store.count(),
      ),
    plain: store.plain,
  }
}

function remotePartition(place: Place, store: Target): Target {
  const over =
    <Arguments extends unknown[], T>(name: string, call: (...given: Arguments) => Promise<T>) =>
    (...given: Arguments): Promise<T> =>
      send(
        place,
        'target',
        () => `${name} ${JSON.stringify(given)}`,
        () => call(...given),
      )
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
