import type { Target, TargetCollection } from '../../lib/ports/store.js'

/** A target that can lose what it was told last, as a failover to a replica that lags does: fences and memory too. */
export interface Rewindable {
  target: TargetCollection
  /** Forgets the last `count` changes. */
  rewind(count: number): Promise<void>
}

const CHANGES = ['begin', 'probe', 'prove', 'applyMany', 'settleMany', 'raise', 'amend', 'beat'] as const
const READS = ['get', 'openIds', 'countOpen', 'getMany', 'control'] as const

export function rewindable(make: () => TargetCollection): Rewindable {
  let held = make()
  const log: ((target: TargetCollection) => Promise<unknown>)[] = []
  const partition = (number: number): Target => {
    const call = (target: TargetCollection, name: keyof Target, given: unknown[]): Promise<unknown> => {
      const method = target.partitions[number]?.[name] as (...given: unknown[]) => Promise<unknown>
      return method(...given)
    }
    const over = Object.fromEntries([
      ...READS.map((name) => [name, (...given: unknown[]) => call(held, name, given)]),
      ...CHANGES.map((name) => [
        name,
        (...given: unknown[]) => {
          log.push((target) => call(target, name, given))
          return call(held, name, given)
        },
      ]),
    ])
    return { label: `rewindable/${number}`, ...over } as unknown as Target
  }
  const target: TargetCollection = {
    partitions: held.partitions.map((_, number) => partition(number)),
    page: (after, limit) => held.page(after, limit),
    count: () => held.count(),
    plain: held.plain,
  }
  return {
    target,
    async rewind(count) {
      log.length = Math.max(0, log.length - count)
      held = make()
      for (const change of log) await change(held)
    },
  }
}
