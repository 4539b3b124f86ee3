import { compareIds } from '../../core/id.js'
import { partitionOf } from '../../core/slot.js'
import type { Passed } from './kind.js'

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
