import type { DataPlane, Mutation, ReadOutcome, WriteOutcome } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import { slotState } from '../../core/fence.js'
import { checkId } from '../../core/id.js'
import type { Operation } from '../../core/operation.js'
import { readsTarget, sourceNumbers } from '../../core/stage.js'
import type { Collection, Surroundings } from '../collection.js'
import { listRecords } from './list.js'
import { locate, type PartitionState, partitionStates, slotFor } from './partition.js'
import { getRecord } from './read-record.js'
import { writeRecord } from './write-record.js'

/** Reads and writes of the application's records, each through the stage its slot stands in. */
export function dataPlane(collections: readonly Collection[], around: Surroundings): DataPlaneOnStores {
  const known = new Map(
    collections.map((collection) => [collection.name, { collection, states: partitionStates(collection) }]),
  )
  const find = (name: string): { collection: Collection; states: PartitionState[] } => {
    const entry = known.get(name)
    if (entry !== undefined) return entry
    throw new CutoverError(
      'not-found',
      `There is no collection ${JSON.stringify(name)}. There are: ${[...known.keys()].join(', ')}.`,
    )
  }
  return {
    collections: [...known.keys()],
    isOver: (name) => known.get(name)?.states.some(isPlain) ?? true,
    epochOf: (name, id) => {
      const entry = known.get(name)
      return entry === undefined ? 0 : locate(entry.collection, entry.states, id).state.fence.epoch
    },
    storeOf: (name, id, writes) => {
      const entry = known.get(name)
      return entry !== undefined && namesTarget(entry.collection, entry.states, id, writes) ? 'target' : 'source'
    },
    get: (name, id, began) => {
      try {
        const { collection, states } = find(name)
        return getRecord(collection, states, checkId(id), around, began)
      } catch (error) {
        return Promise.reject(error)
      }
    },
    list: async (name, after, limit) => {
      const { collection, states } = find(name)
      return listRecords(collection, states, after, limit, around)
    },
    write: (name, id, operation, mutation, began = around.clock.monotonic()) => {
      try {
        const { collection, states } = find(name)
        return writeRecord({ collection, states, id: checkId(id), operation, mutation, around, began })
      } catch (error) {
        return Promise.reject(error)
      }
    },
  }
}

function isPlain({ fence }: PartitionState): boolean {
  return fence.plain === true
}

/** A list is told by its first partition. */
function namesTarget(collection: Collection, states: PartitionState[], id: string | null, writes: boolean): boolean {
  const state = id === null ? states[0] : locate(collection, states, id).state
  if (state === undefined) return false
  const { stage } = id === null ? slotState(state.fence, 0) : slotState(state.fence, slotFor(collection, id))
  return state.fence.plain === true || (writes ? !sourceNumbers(stage) : readsTarget(stage))
}

/** Who has looked at the clock already says when an operation `began` (monotonic milliseconds). */
export interface DataPlaneOnStores extends DataPlane {
  get(collection: string, id: string, began?: number): Promise<ReadOutcome>
  write(collection: string, id: string, operation: Operation, mutation: Mutation, began?: number): Promise<WriteOutcome>
  /** Whether an operation has found that the migration of a collection is over: nothing is left to be counted. */
  isOver(collection: string): boolean
  /** The epoch of a record's partition, as far as this instance knows. */
  epochOf(collection: string, id: string): number
  /** The store that an operation is to be answered by, as far as this instance knows; `id` is `null` for a list. */
  storeOf(collection: string, id: string | null, writes: boolean): 'source' | 'target'
}
