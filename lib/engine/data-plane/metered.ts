import type { DataPlane } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'
import type { Cell } from '../metrics/cell.js'
import type { Recorder } from '../metrics/recorder.js'
import type { DataPlaneOnStores } from './data-plane.js'

export interface Metering {
  recorder: Recorder
  clock: { monotonic(): number }
  /** Told of every operation that failed by no fault of its caller's. */
  failed?: (collection: string) => void
}

/**
 * The same data plane, with every operation counted: one that was answered under the store that answered, one that
 * failed under the store that its stage names. The time is that of the whole operation, retries included.
 */
export function metered(plane: DataPlaneOnStores, { recorder, clock, failed }: Metering): DataPlane {
  const known = new Map(plane.collections.map((collection) => [collection, cellsOf(collection, recorder)]))
  /** Beside the answer, not before it: nothing waits for the count, and it is there when the answer is. */
  function counted<T extends Answered>(answer: Promise<T>, cells: Cells, began: number, call: Call): Promise<T> {
    answer.then(
      ({ servedBy }) => recorder.ended(servedBy === 'target' ? cells.target : cells.source, began, false),
      (error: unknown) => {
        const { collection, id, writes } = call
        const ours = isOurFault(error)
        recorder.ended(cells[plane.storeOf(collection, id, writes)], began, ours)
        if (ours) failed?.(collection)
      },
    )
    return answer
  }
  return {
    collections: plane.collections,
    get: (collection, id) => {
      const cells = known.get(collection)?.read
      if (cells === undefined) return plane.get(collection, id)
      const began = clock.monotonic()
      return counted(plane.get(collection, id, began), cells, began, { collection, id, writes: false })
    },
    list: (collection, after, limit) => {
      const cells = known.get(collection)?.list
      if (cells === undefined) return plane.list(collection, after, limit)
      const began = clock.monotonic()
      return counted(plane.list(collection, after, limit), cells, began, { collection, id: null, writes: false })
    },
    write: (collection, id, operation, mutation) => {
      const cells = known.get(collection)?.write
      if (cells === undefined) return plane.write(collection, id, operation, mutation)
      const began = clock.monotonic()
      const answer = plane.write(collection, id, operation, mutation, began)
      return counted(answer, cells, began, { collection, id, writes: true })
    },
  }
}

interface Call {
  collection: string
  id: string | null
  writes: boolean
}

interface Answered {
  servedBy: 'source' | 'target'
}

type Cells = { [store in 'source' | 'target']: Cell }

function cellsOf(component: string, recorder: Recorder): { [operation in 'read' | 'list' | 'write']: Cells } {
  const cells = (operation: string): Cells => ({
    source: recorder.cell({ component, path: 'source', operation }),
    target: recorder.cell({ component, path: 'target', operation }),
  })
  return { read: cells('read'), list: cells('list'), write: cells('write') }
}

const OURS = ['contended', 'unavailable', 'outcome-unknown', 'corrupt-document', 'configuration', 'internal']

function isOurFault(error: unknown): boolean {
  return !(error instanceof CutoverError) || OURS.includes(error.code)
}
