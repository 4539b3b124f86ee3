import { CutoverError } from '../../core/error.js'
import type { NotSentReason } from '../../core/failing/not-sent.js'
import { type Fence, INITIAL_FENCE } from '../../core/fence.js'
import { partitionOf, slotOf } from '../../core/slot.js'
import type { Source, Target } from '../../ports/store.js'
import type { Collection } from '../collection.js'
import type { CopyBuffer, Copying } from './copies.js'

/**
 * What one function instance knows of one partition: the highest fence it has seen, however old, and when it last saw
 * each store at that fence. Any age is safe: the stores tell.
 */
export interface PartitionState {
  collection: Collection
  number: number
  source: Source
  target: Target
  fence: Fence
  /** Monotonic milliseconds before the request that showed the store's fence at `epoch`. */
  seen: { [store in 'source' | 'target']: { epoch: number; at: number } | null }
  /** Work after answers that is not done yet; see `afterwards.ts`. */
  underWay: number
  /** Copies to the other store that are yet to be sent; see `copies.ts`. */
  copies: { [direction in Copying['do']]: CopyBuffer }
}

export function partitionStates(collection: Collection): PartitionState[] {
  return collection.source.partitions.map((source, number) => {
    const target = collection.target.partitions[number]
    if (target === undefined) {
      throw new CutoverError('configuration', `The stores of ${collection.name} differ in their number of partitions.`)
    }
    return {
      collection,
      number,
      source,
      target,
      fence: INITIAL_FENCE,
      seen: { source: null, target: null },
      underWay: 0,
      copies: {
        'copy-to-target': { waiting: new Map(), running: null, kept: 0 },
        'copy-to-source': { waiting: new Map(), running: null, kept: 0 },
      },
    }
  })
}

/** Where a record is. Its slot is worked out when somebody asks for it: where all stand in one stage, nobody does. */
export class Place {
  readonly id: string
  /** Why the last of its requests that found no answer was not even sent; `null` if it was, or none has failed. */
  notSent: NotSentReason | null = null
  readonly #collection: Collection
  #slot: number | null = null

  constructor(collection: Collection, id: string) {
    this.id = id
    this.#collection = collection
  }

  get slot(): number {
    this.#slot ??= slotFor(this.#collection, this.id)
    return this.#slot
  }
}

export function locate(
  collection: Collection,
  states: readonly PartitionState[],
  id: string,
): { state: PartitionState } {
  const state = states[partitionOf(collection.name, id, states.length)]
  if (state === undefined) throw new CutoverError('internal', `No partition for a record of ${collection.name}.`)
  return { state }
}

export function slotFor(collection: Collection, id: string): number {
  return slotOf(collection.name, collection.bucketKey?.(id) ?? id)
}

/** Takes note of a fence that a store showed. At one epoch the later sight wins: flags are set in place. */
export function learn(state: PartitionState, fence: Fence | null): void {
  if (fence !== null && fence.epoch >= state.fence.epoch) state.fence = fence
}

export function saw(state: PartitionState, store: 'source' | 'target', fence: Fence | null, at: number): void {
  state.collection.breakers?.[store].heard()
  if (fence === null) return
  learn(state, fence)
  const sight = state.seen[store]
  if (sight === null) state.seen[store] = { epoch: fence.epoch, at }
  else {
    sight.epoch = fence.epoch
    sight.at = at
  }
}

/**
 * A store that does not answer teaches nothing. The other one may know of a stage in which it is not needed: one that
 * was left behind, or a migration that this instance has not heard of yet. Answers whether there was news.
 */
export async function askOther(state: PartitionState, silent: 'source' | 'target'): Promise<boolean> {
  const { epoch } = state.fence
  try {
    learn(state, (await (silent === 'source' ? state.target : state.source).control()).fence)
  } catch (error) {
    if (!(error instanceof CutoverError)) throw error
  }
  return state.fence.epoch > epoch
}

/** Longest life of one operation, in milliseconds, resends and pauses included. */
export const OPERATION_MS_MAX = 8_000

/** Where a fence was expected and is gone, the migration may simply be over: then the source's fence says so. */
export async function finished(state: PartitionState): Promise<boolean> {
  const { fence } = await state.source.control()
  learn(state, fence)
  return fence.plain === true
}
