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

/** Some at a time, in order. */
export async function inLanes<T, R>(items: readonly T[], work: (item: T, number: number) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (let at = 0; at < items.length; at += LANES_MAX) {
    const some = items.slice(at, at + LANES_MAX)
    done.push(...(await allOf(some.map((item, beside) => work(item, at + beside)))))
  }
  return done
}

/** What one lane has passed of its partition. */
export interface Stretch extends Pick<Passed, 'after' | 'until'> {
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
