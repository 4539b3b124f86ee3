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
  const counted = async <T>(collection: string, what: 'reads' | 'writes', work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (isOurFault(error)) count(collection, 'failed')
      throw error
    } finally {
      count(collection, what)
    }
  }
  return {
    collections: plane.collections,
    get: (collection, id) => counted(collection, 'reads', () => plane.get(collection, id)),
    list: (collection, after, limit) => counted(collection, 'reads', () => plane.list(collection, after, limit)),
    write: (collection, id, operation, mutation) =>
      counted(collection, 'writes', () => plane.write(collection, id, operation, mutation)),
  }
}

const OURS = ['contended', 'unavailable', 'outcome-unknown', 'corrupt-document', 'configuration', 'internal']

function isOurFault(error: unknown): boolean {
  return !(error instanceof CutoverError) || OURS.includes(error.code)
}
