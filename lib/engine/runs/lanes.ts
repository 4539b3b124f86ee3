import { compareIds } from '../../core/id.js'
import { partitionOf } from '../../core/slot.js'
import type { Passed } from './kind.js'

/** What is worked side by side of a run that has the stores to itself. */
export const LANES_MAX = 4

/** All have ended when this throws: none goes on beside the next attempt. */
export async function allOf<T>(works: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(works)
  return ended.map((end) => {
    if (end.status === 'rejected') throw end.reason
    return end.value
  })
}

/**
 * Some at a time, the last ones first; answers in the order of the items. A run goes from the first partition to the
 * last: so the documents that it begins with, and those that it has ended with, are likely to be at hand still.
 */
export async function inLanes<T, R>(items: readonly T[], work: (item: T, number: number) => Promise<R>): Promise<R[]> {
  const done: R[][] = []
  for (let end = items.length; end > 0; end -= LANES_MAX) {
    const start = Math.max(0, end - LANES_MAX)
    done.push(await allOf(items.slice(start, end).map((item, beside) => work(item, start + beside))))
  }
  return done.reverse().flat()
}

/** What one lane has passed of its partition. */
interface Stretch extends Pick<Passed, 'after' | 'until'> {
  partition: number
}

/** All of them as one: between the lowest and the highest place, what belongs to one of them. */
export function together(collection: string, partitions: number, stretches: readonly Stretch[]): Passed {
  const includes = (id: string): boolean => {
    const stretch = stretches.find(({ partition }) => partition === partitionOf(collection, id, partitions))
    if (stretch === undefined || (stretch.after !== null && compareIds(id, stretch.after) <= 0)) return false
    return stretch.until === null || compareIds(id, stretch.until) <= 0
  }
  return {
    after: stretches
      .map(({ after }) => after)
      .reduce((low, id) => (low === null || id === null ? null : first(low, id)), stretches[0]?.after ?? null),
    until: stretches
      .map(({ until }) => until)
      .reduce((high, id) => (high === null || id === null ? null : last(high, id)), stretches[0]?.until ?? null),
    includes,
  }
}

function first(a: string, b: string): string {
  return compareIds(a, b) <= 0 ? a : b
}

function last(a: string, b: string): string {
  return compareIds(a, b) >= 0 ? a : b
}
