import { CutoverError } from '../../core/error.js'
import {
  addMeasured,
  isOf,
  keyOfSeries,
  type Measurement,
  OVERFLOW,
  seriesOfKey,
  totalled,
} from '../../core/metrics/measurement.js'
import type { Clock } from '../../ports/clock.js'
import {
  type MetricsBucket,
  type MetricsQuery,
  type MetricsStore,
  ONCE_KEPT_MS,
  SERIES_MAX,
} from '../../ports/metrics.js'
import type { RedisClient } from '../redis/client.js'
import { removeKeys } from '../redis/remove-keys.js'
import { checkAdd } from './accepted.js'
import { grainOf, type Stretch, stretchesOf } from './grain.js'
import { pack, unpack } from './packed.js'
import { ADD, READ, TOTALS } from './redis-scripts.js'

/**
 * Metrics in Redis. Adding is one script, which adds to the fine bucket, to the coarse one and to the totals at once.
 *
 * Under `prefix`: `fine:<at>` and `coarse:<at>` (hashes, with expiry: see `grain.ts`), `totals`, `once:<writer>`. No
 * other part may have a prefix that begins with this one: `destroy` would take it along.
 *
 * A read is one script for each 500 buckets, or for each megabyte of what is found: one command for two hours' fine
 * buckets of one series or a day's coarse ones, nineteen for all thirty days (`READ_CALLS_MAX` at most).
 *
 * What can go wrong: a database that fails over to a replica behind it loses the newest additions.
 */
export function redisMetrics(options: RedisMetricsOptions): MetricsStore {
  const { client, clock, prefix = 'cutover:metrics:', bucketMs = BUCKET_MS } = options
  const label = `redis:${prefix}`
  const grain = grainOf(bucketMs)
  const scripts = { add: client.script(ADD), read: client.script(READ), totals: client.script(TOTALS) }
  const bucketOf = (kind: Stretch['kind'], at: number, widthMs: number): string =>
    `${prefix}${kind}:${Math.floor(at / widthMs) * widthMs}`
  return {
    label,
    bucketMs,
    async add(at, measurements, once) {
      checkAdd(at, measurements, once)
      if (measurements.length === 0) return
      const { fineMs, coarseMs, fineKeptMs, coarseKeptMs } = grain
      const keys = [bucketOf('fine', at, fineMs), bucketOf('coarse', at, coarseMs), `${prefix}totals`]
      const kept = [fineKeptMs + coarseMs, coarseKeptMs + coarseMs, ONCE_KEPT_MS]
      const begins = Math.floor(at / fineMs) * fineMs
      const args = [...kept, once?.number ?? '', begins, SERIES_MAX, keyOfSeries(OVERFLOW)].map(String)
      for (const measurement of joined(measurements)) {
        args.push(keyOfSeries(measurement), pack(measurement), pack(totalled(measurement)))
      }
      const answer = await scripts.add.run([...keys, `${prefix}once:${once?.by ?? ''}`], args)
      if (answer !== 1 && answer !== 0) throw strange(label)
    },
    async read(query) {
      const buckets: MetricsBucket[] = []
      let calls = 0
      for (const stretch of stretchesOf(query, clock.now(), grain)) {
        for (let done = 0; done < stretch.count; ) {
          calls += 1
          if (calls > READ_CALLS_MAX) throw tooLarge(label)
          const count = Math.min(READ_BUCKETS, stretch.count - done)
          const first = stretch.first + done * stretch.widthMs
          const around = stretch.kind === 'fine' ? `${prefix}coarse:` : ''
          const where = [`${prefix}${stretch.kind}:`, first, stretch.widthMs, count]
          const args = [...where, READ_BYTES, ...filterOf(query), around, grain.coarseMs]
          const { looked, found } = pageOf(label, await scripts.read.run([], args.map(String)))
          done += looked
          for (const bucket of found) {
            const measurements = measurementsOf(label, bucket.pairs).filter((one) => isOf(one, query.of ?? {}))
            if (measurements.length > 0) buckets.push({ at: bucket.at, widthMs: stretch.widthMs, measurements })
          }
        }
      }
      return buckets
    },
    async totals() {
      const answer = await scripts.totals.run([`${prefix}totals`], [])
      if (!isTexts(answer)) throw strange(label)
      const pairs = pairsOf(answer)
      const since = pairs.find(([field]) => field === 'since')?.[1]
      const rest = pairs.filter(([field]) => field !== 'since')
      return { since: since === undefined ? null : Number(since), measurements: measurementsOf(label, rest) }
    },
    destroy: () => removeKeys(client, prefix),
  }
}

export interface RedisMetricsOptions {
  client: RedisClient
  /** Tells how far back fine buckets are still to be found. */
  clock: Pick<Clock, 'now'>
  /** Begins every Redis key of these metrics. */
  prefix?: string
  /** Width of the fine buckets, in milliseconds. */
  bucketMs?: number
}

/** Width of a fine bucket where nothing else is said, in milliseconds. */
export const BUCKET_MS = 10_000

const READ_BUCKETS = 720
const READ_BYTES = 1024 * 1024
const READ_CALLS_MAX = 200

/** One measurement for each series. */
function joined(measurements: readonly Measurement[]): Iterable<Measurement> {
  const all = new Map<string, Measurement>()
  for (const measurement of measurements) {
    const key = keyOfSeries(measurement)
    const held = all.get(key)
    if (held === undefined) all.set(key, structuredClone(measurement))
    else addMeasured(held, measurement)
  }
  return all.values()
}

function filterOf({ of = {} }: MetricsQuery): [component: string, series: string] {
  const { component, path, operation } = of
  if (component === undefined) return ['', '']
  if (path === undefined || operation === undefined) return [`${component}\n`, '']
  return ['', keyOfSeries({ component, path, operation })]
}

function pageOf(
  label: string,
  answer: unknown,
): { looked: number; found: { at: number; pairs: [string, string][] }[] } {
  if (!Array.isArray(answer)) throw strange(label)
  const [looked, ...rows] = answer as unknown[]
  if (typeof looked !== 'number' || looked < 1) throw strange(label)
  const found = rows.map((row) => {
    if (!isTexts(row)) throw strange(label)
    const [at, ...fields] = row
    return { at: Number(at), pairs: pairsOf(fields) }
  })
  return { looked, found }
}

function measurementsOf(label: string, pairs: readonly [string, string][]): Measurement[] {
  return pairs.map(([field, text]) => {
    const series = seriesOfKey(field)
    if (series === null) throw strange(label)
    return { ...series, ...unpack(text, label) }
  })
}

function pairsOf(texts: readonly string[]): [string, string][] {
  return Array.from({ length: Math.floor(texts.length / 2) }, (_, at) => [texts[2 * at] ?? '', texts[2 * at + 1] ?? ''])
}

function isTexts(answer: unknown): answer is string[] {
  return Array.isArray(answer) && answer.every((text) => typeof text === 'string')
}

function strange(label: string): CutoverError {
  return new CutoverError('unavailable', `The answer of ${label} cannot be understood; an addition may have happened.`)
}

function tooLarge(label: string): CutoverError {
  return new CutoverError(
    'too-large',
    `The window holds more than ${label} reads at once. Ask for less, or one series.`,
  )
}
