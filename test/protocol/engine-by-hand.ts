import type { Fence } from '../../lib/core/fence.js'
import type { Plan } from '../../lib/core/protocol/answers.js'
import type { Collection, Surroundings } from '../../lib/engine/collection.js'
import { type PartitionState, partitionStates } from '../../lib/engine/data-plane/partition.js'
import { NOW, type Stores } from './by-hand.js'

/** The engine over stores that a test holds in its hands. */
export const MOVER = { by: 'somebody', reason: 'test' }

export function collectionOf(
  { source, target, clock }: Stores,
  leaseMs: number | null = null,
): { collection: Collection; around: Surroundings } {
  const stores = { source: { partitions: [source] }, target: { partitions: [target] } }
  const collection = { name: 'projects', ...stores, leaseMs } as unknown as Collection
  return { collection, around: { clock, background: () => {}, report: () => {} } }
}

export function stateOf(collection: Collection): PartitionState {
  const [state] = partitionStates(collection)
  if (state === undefined) throw new Error('There is no partition.')
  return state
}

export function planOf(fence: Fence, first: 'source' | 'target'): Plan {
  return { fence, first, ...MOVER, at: NOW, from: '', to: '' }
}
