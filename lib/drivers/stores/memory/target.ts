import { LATENESS_MAX_MS } from '../../../core/operation.js'
import type { Clock } from '../../../ports/clock.js'
import type { TargetCollection } from '../../../ports/store.js'
import { emptyData, pageOf, readCopy } from './data.js'
import { memoryPartition } from './partition.js'
import { memoryPlain } from './plain.js'

export interface MemoryTargetOptions {
  collection: string
  partitions: number
  /** The target's own clock: it judges how late a request is, and when an operation is forgotten. */
  clock: Clock
  /** Largest lateness of a begin, in milliseconds. */
  latenessMs?: number
}

/**
 * The target store in Maps, for tests and simulations: the port's promises with nothing behind them. Lost with the
 * process. Every call is done within one turn of the event loop, and nobody shares an object with the store: values
 * are kept as text, fences are frozen.
 */
export function memoryTarget(options: MemoryTargetOptions): TargetCollection {
  const { collection, partitions, clock, latenessMs = LATENESS_MAX_MS } = options
  const data = emptyData()
  const numbers = Array.from({ length: partitions }, (_, number) => number)
  return {
    partitions: numbers.map((number) => memoryPartition({ data, collection, number, clock, latenessMs })),
    async page(after, limit) {
      const { items, end } = pageOf(data.metas.keys(), after, limit)
      const copies = items.flatMap((id) => {
        const copy = readCopy(data, id)
        return copy === null ? [] : [{ id, copy }]
      })
      return { items: copies, end, fences: numbers.map((number) => data.fences.get(number)?.fence ?? null) }
    },
    async count() {
      let tombstones = 0
      for (const { tombstone } of data.metas.values()) if (tombstone) tombstones++
      return { records: data.values.size, tombstones }
    },
    plain: memoryPlain(data),
  }
}
