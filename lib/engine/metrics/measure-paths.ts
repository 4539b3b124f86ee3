import type { Recorder } from './recorder.js'

/**
 * Measures the two ways of a part that is not a collection, in this process: each call is counted and timed under the
 * path it goes by, and nothing else is done to it. What a path throws is thrown on; whether that counts as its error
 * says `isError` (default: whatever is thrown).
 */
export interface MeasuredPaths {
  legacy: Way
  new: Way
}

export type Way = <T>(operation: string, work: () => T | Promise<T>) => Promise<T>

export function measurePaths(
  { metrics, clock }: { metrics?: Recorder; clock: { monotonic(): number } },
  component: string,
  isError: (error: unknown) => boolean = () => true,
): MeasuredPaths {
  const by =
    (path: 'legacy' | 'new'): Way =>
    async (operation, work) => {
      if (metrics === undefined) return work()
      const cell = metrics.cell({ component, path, operation })
      const began = clock.monotonic()
      try {
        const answer = await work()
        metrics.ended(cell, began, false)
        return answer
      } catch (error) {
        metrics.ended(cell, began, isError(error))
        throw error
      }
    }
  return { legacy: by('legacy'), new: by('new') }
}
