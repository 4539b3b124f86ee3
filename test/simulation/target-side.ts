import { memoryTarget } from '../../lib/drivers/stores/memory/target.js'
import type { Clock } from '../../lib/ports/clock.js'
import type { Ledger } from '../../lib/ports/ledger.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { COLLECTION } from './clients.js'
import { type Place, remoteTarget, send } from './network.js'
import { type RedisHouse, redisSide } from './redis-target.js'
import { type Listener, type Rewindable, rewindable } from './rewindable.js'

/**
 * The target of one history: in Maps, where each call is one request, or the Redis driver, with requests of its own;
 * and the ledger, which is in the same database.
 */
export interface TargetSide {
  /** As a judge sees it, with no network between. */
  target: TargetCollection
  /** As a process sees it. */
  reach(place: Place): TargetCollection
  ledger: Ledger
  /** Forgets the last `count` changes of target and ledger together. */
  rewind: Rewindable['rewind']
}

/** Takes a guard away from the target, or gives it a fault: for tests that the simulation notices. */
export type Tamper = (target: TargetCollection) => TargetCollection

export interface TargetSideOptions {
  partitions: number
  /** The target's own clock. */
  clock: Clock
  /** `null`: a target in Maps. */
  house: RedisHouse | null
  tamper: Tamper
  told?: Listener | undefined
}

export function targetSide({ partitions, clock, house, tamper, told }: TargetSideOptions): TargetSide {
  const make = (clock: Clock): TargetCollection => tamper(memoryTarget({ collection: COLLECTION, partitions, clock }))
  const inMaps = rewindable(make, clock, told)
  if (house === null) return { ...inMaps, reach: (place) => remoteTarget(place, inMaps.target) }
  const changes: ('target' | 'ledger')[] = []
  const changed = (): void => void changes.push('target')
  const side = redisSide({ house, clock, collection: COLLECTION, partitions, changed })
  return {
    target: side.target,
    reach: (place) => tamper(side.reach((label, effect) => send(place, 'target', label, effect))),
    ledger: {
      ...inMaps.ledger,
      commit: (...given) => {
        changes.push('ledger')
        return inMaps.ledger.commit(...given)
      },
    },
    async rewind(count) {
      const lost = changes.splice(Math.max(0, changes.length - count))
      await side.rewind(lost.filter((store) => store === 'target').length)
      await inMaps.rewind(lost.filter((store) => store === 'ledger').length)
    },
  }
}
