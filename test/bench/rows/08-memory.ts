import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { redisClient } from '../../../lib/drivers/redis/client.js'
import type { EngineContext } from '../../../lib/engine/context.js'
import { findOnPath } from '../../../scripts/stack/redis/backends/redis-process.js'
import { type Bulk, raiseTarget, reservedAtStages, runToEnd, wireBulk, writeBulk } from '../parts/bulk.js'
import { type BenchStack, withStack } from '../parts/stack.js'
import type { Figure, Measured, Row, Setting } from '../row.js'

type Fill = Pick<Bulk, 'records' | 'documents' | 'bytes'> & { stage: 'dualwrite' | 'shadow' }

/** The first of each stage is what the others are compared with. */
const FULL: Fill[] = [
  { stage: 'dualwrite', records: 1_000, documents: 1, bytes: 120 },
  { stage: 'dualwrite', records: 100_000, documents: 100, bytes: 120 },
  { stage: 'dualwrite', records: 1_000_000, documents: 200, bytes: 120 },
  { stage: 'shadow', records: 1_000, documents: 1, bytes: 120 },
  { stage: 'shadow', records: 100_000, documents: 50, bytes: 120 },
]
const SMALL: Fill[] = [
  { stage: 'dualwrite', records: 1_000, documents: 1, bytes: 1_200 },
  { stage: 'dualwrite', records: 20_000, documents: 20, bytes: 1_200 },
]
/** Without a redis-server the embedded one is filled, which is many times slower. */
const FEW: Fill[] = [
  { stage: 'dualwrite', records: 1_000, documents: 1, bytes: 1_200 },
  { stage: 'dualwrite', records: 10_000, documents: 10, bytes: 1_200 },
]
const GROWTH_MB_MAX = 32

export const row: Row = {
  number: 8,
  work: 'memory while migrating 1,000, 100,000, 1,000,000 records',
  against: 'itself with 1,000 records',
  goal: `flat: <= ${GROWTH_MB_MAX} MB growth`,
  run: (setting) => withStack((stack) => measure(stack, setting)),
}

async function measure(stack: BenchStack, { size, tell }: Setting): Promise<Measured> {
  const served = findOnPath('redis-server') !== null
  const fills = served ? (size === 'full' ? FULL : SMALL) : FEW
  const stages = [...new Set(fills.map(({ stage }) => stage))]
  const reserved = await reservedAtStages(stack.dir, stack.env)
  const [first] = fills
  // The first time, code is loaded and compiled.
  if (first !== undefined) await migrate(stack, first, reserved)
  const figures: Figure[] = []
  for (const stage of stages) {
    let least: Peaks | null = null
    for (const fill of fills.filter((one) => one.stage === stage)) {
      const peaks = await migrate(stack, fill, reserved)
      tell(`${fill.records} records in ${stage}: ${shown(peaks.live)} MB, ${Math.round(peaks.perSecond)} a second`)
      if (least !== null) figures.push(...figuresOf(fill, peaks, least))
      least ??= peaks
    }
  }
  return {
    configuration: [
      ...fills.map(
        ({ stage, records, documents, bytes }) =>
          `${records.toLocaleString('en')} records of about ${bytes} bytes in ${documents} document${documents === 1 ? '' : 's'} (files), back-filled in ${stage}.`,
      ),
      'The process measured is the one that migrates; Redis and its gateway are in others.',
      'Live: what is left after a forced collection (heap and external memory), at up to 40 checkpoints of each run; the largest counts. Most: the same without a collection, sampled every 10 ms, with what the collector had not come to yet.',
    ],
    figures,
    notes: served ? [] : ['There is no redis-server here: fewer records are migrated, to the embedded Redis.'],
  }
}

function figuresOf({ stage, records }: Fill, peaks: Peaks, least: Peaks): Figure[] {
  const growth = peaks.live - least.live
  return [
    {
      what: `growth of live memory, ${records.toLocaleString('en')} records in ${stage}`,
      figure: `${shown(growth)} MB (${shown(peaks.live)} MB)`,
      against: `${GROWTH_MB_MAX} MB (${shown(least.live)} MB with 1,000)`,
      ratio: Math.max(0, growth) / GROWTH_MB_MAX,
      met: growth <= GROWTH_MB_MAX,
      counted: true,
    },
    {
      what: `most memory, garbage included, ${records.toLocaleString('en')} records in ${stage}`,
      figure: `${shown(peaks.most)} MB, resident ${shown(peaks.resident)} MB`,
      against: `${shown(least.most)} MB, resident ${shown(least.resident)} MB with 1,000`,
      ratio: null,
      met: null,
      counted: false,
    },
  ]
}

/** In MB, but for the records a second. */
interface Peaks {
  live: number
  most: number
  resident: number
  perSecond: number
}

let fillsMade = 0

async function migrate(stack: BenchStack, fill: Fill, reserved: { [stage in Fill['stage']]: string }): Promise<Peaks> {
  const number = fillsMade++
  const dir = join(stack.dir, `memory-${number}`)
  const bulk = { ...fill, dir, reserved: reserved[fill.stage] }
  await writeBulk(bulk)
  const { context } = await wireBulk(bulk, stack.env, `memory-${number}:`)
  await raiseTarget(context)
  const peaks: Peaks = { live: 0, most: 0, resident: 0, perSecond: 0 }
  const every = Math.max(1, Math.floor(fill.records / 500 / 4 / 40))
  const timer = setInterval(() => look(peaks, 'most'), SAMPLE_MS)
  const began = performance.now()
  const run = await runToEnd({ ...context, ledger: watched(context.ledger, every, peaks) }, 'backfill')
  peaks.perSecond = (fill.records * 1000) / (performance.now() - began)
  clearInterval(timer)
  if (run.counters.copied !== fill.records) throw new Error(`${run.counters.copied} records were copied.`)
  await redisClient({ ...stack.redis, timeoutMs: 30_000 }).command(['FLUSHDB'])
  await rm(dir, { recursive: true })
  return peaks
}

const SAMPLE_MS = 10

/** Looks at each checkpoint that is the next of `every`. */
function watched(ledger: EngineContext['ledger'], every: number, peaks: Peaks): EngineContext['ledger'] {
  let commits = 0
  return {
    ...ledger,
    commit: (...args) => {
      if (commits++ % every === 0) {
        look(peaks, 'most')
        collectGarbage()
        look(peaks, 'live')
      }
      return ledger.commit(...args)
    },
  }
}

function look(peaks: Peaks, kind: 'live' | 'most'): void {
  const { heapUsed, external, rss } = process.memoryUsage()
  peaks[kind] = Math.max(peaks[kind], (heapUsed + external) / 2 ** 20)
  peaks.resident = Math.max(peaks.resident, rss / 2 ** 20)
}

function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('Memory is measured with --expose-gc.')
  globalThis.gc()
}

function shown(megabytes: number): string {
  return megabytes.toFixed(1)
}
