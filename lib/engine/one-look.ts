import { CutoverError } from '../core/error.js'
import { isOf } from '../core/metrics/measurement.js'
import type { Look } from '../ports/ledger.js'
import type { MetricsQuery, MetricsStore } from '../ports/metrics.js'
import type { Glance, Source, Target } from '../ports/store.js'
import type { Collection } from './collection.js'
import type { EngineContext } from './context.js'
import { gatheredLedger } from './gathered-ledger.js'

/**
 * The same context for one answer that is put together from many, as a dashboard's is. What several of them ask is asked
 * once; documents of the ledger that are asked for in one breath are one access; and the time stands still. Every command
 * is billed, in a pipeline too, so this is what an open page costs.
 *
 * It is for reading, for as long as one answer takes: what changes meanwhile is not in it.
 */
export function oneLook(context: EngineContext, foreseen: readonly Look[]): EngineContext {
  const { clock, ledger, metrics, documents, collections } = context
  const at = clock.now()
  return {
    ...context,
    clock: {
      now: () => at,
      monotonic: () => clock.monotonic(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      random: () => clock.random(),
      id: () => clock.id(),
    },
    ledger: gatheredLedger(ledger, foreseen),
    metrics: sharingWindows(metrics),
    documents: remembering(documents, ['get']),
    collections: collections.map(lookedAt),
  }
}

function lookedAt(collection: Collection): Collection {
  const { source, target } = collection
  const sources = source.partitions.map((partition): Source => {
    const glance = once(() => orOneByOne(partition.glance?.()))
    return instead(partition, {
      control: once(async () => (await glance())?.control ?? partition.control()),
      count: once(async () => (await glance())?.counts ?? partition.count()),
    })
  })
  const glance = once(() => orOneByOne(target.glance?.()))
  const count = once(async () => (await glance())?.counts ?? target.count())
  const partitions = target.partitions.map((partition, number): Target => {
    const seen = async (): Promise<Glance['partitions'][number] | undefined> => (await glance())?.partitions[number]
    return instead(partition, {
      control: once(async () => (await seen())?.control ?? partition.control()),
      countOpen: once(async () => (await seen())?.open ?? partition.countOpen()),
    })
  })
  return { ...collection, source: { ...source, partitions: sources }, target: { ...target, count, partitions } }
}

/** `null`: each has to be asked for itself, which tells what is the matter with which. */
async function orOneByOne<T>(glance: Promise<T> | undefined): Promise<T | null> {
  try {
    return (await glance) ?? null
  } catch (error) {
    if (error instanceof CutoverError && error.code !== 'unavailable') return null
    throw error
  }
}

/** The same object with some members of its own. */
function instead<T extends object>(object: T, members: Partial<T>): T {
  return new Proxy(object, {
    get(of, name) {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name) as unknown
      const member: unknown = Reflect.get(of, name)
      return typeof member === 'function' ? (member.bind(of) as unknown) : member
    },
  })
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => {
    answer ??= ask()
    return answer
  }
}

/** The same object; a call of one of `names` that was made before with these arguments is answered as it was then. */
function remembering<T extends object>(asked: T, names: readonly (keyof T & string)[]): T {
  const answers = new Map<string, unknown>()
  return new Proxy(asked, {
    get(object, name) {
      const member: unknown = Reflect.get(object, name)
      if (typeof member !== 'function' || typeof name !== 'string') return member
      if (!(names as readonly string[]).includes(name)) return member.bind(object) as unknown
      return (...args: unknown[]): unknown => {
        const key = JSON.stringify([name, ...args])
        if (!answers.has(key)) answers.set(key, member.apply(object, args))
        return answers.get(key)
      }
    },
  })
}

/** Windows that several components are asked for one by one are read once for all of them. */
function sharingWindows(metrics: MetricsStore): MetricsStore {
  const shared = remembering(metrics, ['read', 'totals'])
  return {
    label: metrics.label,
    bucketMs: metrics.bucketMs,
    add: (...args) => metrics.add(...args),
    totals: () => shared.totals(),
    destroy: () => metrics.destroy(),
    async read({ from, to, of }: MetricsQuery) {
      if (of === undefined || Object.keys(of).join() !== 'component')
        return shared.read({ from, to, ...(of === undefined ? {} : { of }) })
      const buckets = await shared.read({ from, to })
      return buckets.flatMap((bucket) => {
        const measurements = bucket.measurements.filter((one) => isOf(one, of))
        return measurements.length === 0 ? [] : [{ ...bucket, measurements }]
      })
    },
  }
}
