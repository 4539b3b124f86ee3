import type { Fence } from '../../../lib/core/fence.js'
import { INITIAL_FENCE } from '../../../lib/core/fence.js'
import { STAGES, type Stage } from '../../../lib/core/stage.js'
import { enter, strictRanges, withFullFlags } from '../../../lib/core/transition.js'
import { systemClock } from '../../../lib/drivers/clock.js'
import type { Collection } from '../../../lib/engine/collection.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { partitionStates } from '../../../lib/engine/data-plane/partition.js'
import { compareSampled } from '../../../lib/engine/validate/sample.js'
import { mapStores } from './map-stores.js'

/** How long the store that hangs takes to answer. */
export const HUNG_MS = 10_000
export const IDS = Array.from({ length: 64 }, (_, at) => `record-${at}`)
const VALUE = { name: 'Nebula', state: 'active' }

/** The data plane over trivial stores of which one can be made to hang; every read is compared, as it can be wired. */
export interface OnHungStore {
  read(id: string): Promise<unknown>
  write(id: string): Promise<unknown>
  hang(hung: boolean): void
  /** The most work after answers that was under way at one time. */
  mostUnderWay(): number
}

export function onHungStore(stage: Stage, slow: 'source' | 'target', leaseMs: number | null): OnHungStore {
  const { collection } = mapStores(fenceOf(stage), IDS, leaseMs)
  let hung = false
  const { partitions } = collection[slow] as unknown as { partitions: object[] }
  partitions[0] = slowed(partitions[0] ?? {}, () => hung)
  let underWay = 0
  let most = 0
  const background = (work: Promise<unknown>): void => {
    underWay += 1
    most = Math.max(most, underWay)
    const done = (): void => {
      underWay -= 1
    }
    work.then(done, done)
  }
  const [state] = partitionStates(collection as Collection)
  const sampled = (_collection: string, _partition: number, id: string): void => {
    if (state !== undefined) background(compareSampled(state, id, systemClock))
  }
  const plane = dataPlane([collection], { clock: systemClock, background, report: () => {}, sampled })
  let count = 0
  return {
    read: (id) => plane.get('projects', id),
    write(id) {
      count += 1
      const operation = { op: `op-${count}`, startedAt: Date.now(), named: false }
      return plane.write('projects', id, operation, { kind: 'put', value: VALUE })
    },
    hang: (now) => {
      hung = now
    },
    mostUnderWay: () => most,
  }
}

export function later<T>(value: T): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, HUNG_MS, value).unref())
}

/** Every answer of the store takes its time while it hangs. */
function slowed(store: object, hung: () => boolean): object {
  const calls = Object.entries(store).map(([name, call]) => {
    if (typeof call !== 'function') return [name, call]
    return [name, (...given: unknown[]) => (hung() ? later(null).then(() => call(...given)) : call(...given))]
  })
  return Object.fromEntries(calls)
}

export function fenceOf(stage: Stage): Fence {
  let fence = INITIAL_FENCE
  for (const next of STAGES.slice(1, STAGES.indexOf(stage) + 1)) {
    const epoch = fence.epoch + 1
    fence = { epoch, ranges: fence.ranges.map((range) => ({ ...enter(range, next, epoch, 0), until: range.until })) }
    fence = withFullFlags(fence, strictRanges(fence))
  }
  return fence
}
