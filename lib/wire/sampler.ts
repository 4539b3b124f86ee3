import { systemClock } from '../drivers/clock.js'
import type { Collection, Surroundings } from '../engine/collection.js'
import { type PartitionState, partitionStates } from '../engine/data-plane/partition.js'
import type { Meter } from '../engine/meter.js'

/** Compares a share of the reads with the other store, after their answers. */
export function sampler(
  share: number,
  collections: readonly Collection[],
  count: Meter['count'],
  background: Surroundings['background'],
): NonNullable<Surroundings['sampled']> {
  const states = new Map<string, PartitionState[]>()
  return (name, partition, id) => {
    if (share === 0 || systemClock.random() >= share) return
    const collection = collections.find((candidate) => candidate.name === name)
    if (collection === undefined) return
    background(
      (async () => {
        const { compareSampled } = await import('../engine/validate/sample.js')
        states.set(name, states.get(name) ?? partitionStates(collection))
        const state = states.get(name)?.[partition]
        if (state === undefined) return
        const { kind } = await compareSampled(state, id, systemClock)
        count(name, kind === 'match' ? 'matched' : kind === 'mismatch' ? 'mismatched' : 'inconclusive')
      })(),
    )
  }
}
