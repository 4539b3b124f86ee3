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
  const failed = (collection: string, error: unknown): unknown => {
    if (isOurFault(error)) count(collection, 'failed')
    return error
  }
  return {
    collections: plane.collections,
    async get(collection, id) {
      try {
        return await plane.get(collection, id)
      } catch (error) {
        throw failed(collection, error)
      } finally {
        count(collection, 'reads')
      }
    },
    async list(collection, after, limit) {
      try {
        return await plane.list(collection, after, limit)
      } catch (error) {
        throw failed(collection, error)
      } finally {
        count(collection, 'reads')
      }
    },
    async write(collection, id, operation, mutation) {
      try {
        return await plane.write(collection, id, operation, mutation)
      } catch (error) {
        throw failed(collection, error)
      } finally {
        count(collection, 'writes')
      }
    },
  }
}

const OURS = ['contended', 'unavailable', 'outcome-unknown', 'corrupt-document', 'configuration', 'internal']

function isOurFault(error: unknown): boolean {
  return !(error instanceof CutoverError) || OURS.includes(error.code)
}
