import { systemClock } from '../drivers/clock.js'
import type { Collection, Surroundings } from '../engine/collection.js'
import { type PartitionState, partitionStates } from '../engine/data-plane/partition.js'
import type { Recorder } from '../engine/metrics/recorder.js'

export interface SamplerParts {
  share: number
  collections: readonly Collection[]
  recorder: () => Recorder
  background: Surroundings['background']
  /** Told of copies that were found to differ. */
  differed: (collection: string) => void
}

/** Compares a share of the reads with the other store, after their answers. */
export function sampler(parts: SamplerParts): NonNullable<Surroundings['sampled']> {
  const { share, collections, recorder, background, differed } = parts
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
        const { recordPair, recordVerdict } = await import('../engine/metrics/compared.js')
        const { kind } = await compareSampled(state, id, systemClock, (ms) => recordPair(recorder(), name, ms))
        recordVerdict(recorder(), name, kind)
        if (kind === 'mismatch') differed(name)
      })(),
    )
  }
}
