import { type Piece, piecesOf } from '../../../core/compare/stretch.js'
import type { Copy } from '../../../core/copy.js'
import type { Fence } from '../../../core/fence.js'
import { compareIds } from '../../../core/id.js'
import { LATENESS_MAX_MS } from '../../../core/operation.js'
import type { Keyed } from '../../../core/protocol/answers.js'
import type { Clock } from '../../../ports/clock.js'
import type { TargetCollection } from '../../../ports/store.js'
import { type Data, emptyData, pageOf, readCopy } from './data.js'
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
  const fences = (): (Fence | null)[] => numbers.map((number) => data.fences.get(number)?.fence ?? null)
  return {
    partitions: numbers.map((number) => memoryPartition({ data, collection, number, clock, latenessMs })),
    async page(after, limit) {
      const { items, end } = pageOf(data.metas.keys(), after, limit)
      const copies = items.flatMap((id) => {
        const copy = readCopy(data, id)
        return copy === null ? [] : [{ id, copy }]
      })
      return { items: copies, end, fences: fences() }
    },
    async compare(stretch, copies) {
      const compared = [...piecesOf(stretch, copies, () => 0)].map((piece) => {
        const { after, until, items } = piece
        return { after, until, records: items.length, same: holdsExactly(data, piece) }
      })
      return { compared, fences: fences() }
    },
    async count() {
      let tombstones = 0
      for (const { tombstone } of data.metas.values()) if (tombstone) tombstones++
      return { records: data.values.size, tombstones }
    },
    plain: memoryPlain(data),
  }
}

function holdsExactly(data: Data, { after, until, items }: Piece<Keyed<Copy>>): boolean {
  let held = 0
  for (const id of data.metas.keys()) {
    const above = after === null || compareIds(id, after) > 0
    if (above && (until === null || compareIds(id, until) <= 0)) held++
  }
  return (
    held === items.length &&
    items.every(({ id, copy }) => {
      const meta = data.metas.get(id)
      const sameWrite = meta?.version === copy.version && meta.op === copy.op
      return sameWrite && (data.values.get(id) ?? null) === (copy.value === null ? null : JSON.stringify(copy.value))
    })
  )
}
