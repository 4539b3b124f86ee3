import type { DataPlane } from '../../core/data-plane.js'
import { CutoverError } from '../../core/error.js'

/** What is counted of a collection's traffic. `failed` counts what was no fault of the caller's. */
export interface TrafficCounts {
  reads: number
  writes: number
  failed: number
  matched: number
  mismatched: number
  inconclusive: number
}

export const NO_TRAFFIC: TrafficCounts = { reads: 0, writes: 0, failed: 0, matched: 0, mismatched: 0, inconclusive: 0 }

/** The same data plane, with every operation told to `count`. */
export function metered(plane: DataPlane, count: (collection: string, what: keyof TrafficCounts) => void): DataPlane {
  // Beside the answer, not before it: nothing waits for the count, and it is there when the answer is.
  const counted = <T>(collection: string, what: 'reads' | 'writes', answer: Promise<T>): Promise<T> => {
    answer.then(
      () => count(collection, what),
      (error: unknown) => {
        if (isOurFault(error)) count(collection, 'failed')
        count(collection, what)
      },
    )
    return answer
  }
  return {
    collections: plane.collections,
    get: (collection, id) => counted(collection, 'reads', plane.get(collection, id)),
    list: (collection, after, limit) => counted(collection, 'reads', plane.list(collection, after, limit)),
    write: (collection, id, operation, mutation) =>
      counted(collection, 'writes', plane.write(collection, id, operation, mutation)),
  }
}

const OURS = ['contended', 'unavailable', 'outcome-unknown', 'corrupt-document', 'configuration', 'internal']

function isOurFault(error: unknown): boolean {
  return !(error instanceof CutoverError) || OURS.includes(error.code)
}
