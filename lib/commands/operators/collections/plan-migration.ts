import * as z from 'zod'
import { ASSUMED_PER_SECOND } from '../../../core/estimate/batches.js'
import { PRICES, type Prices } from '../../../core/estimate/prices.js'
import { TIME_SCALE_MIN } from '../../../core/plan/plan.js'
import { collectionOf } from '../../../engine/context.js'
import { estimate } from '../../../engine/estimate/estimate.js'
import { QUIET_MS_MAX } from '../../../engine/finish/clean-up.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { shownEstimate } from '../../estimate.js'
import { estimateShape } from '../../estimate-shape.js'

const perDay = z.number().min(0).max(1e10)
const price = z.number().min(0).max(1e6).optional()

export const planMigration = command({
  name: 'plan-migration',
  summary:
    'What a migration would be, before anything is started: records, bytes, commands, messages, money, time, and what could not be rolled back.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/plan' },
  input: z.strictObject({
    course: z
      .enum(['week', 'by-hand'])
      .default('week')
      .describe('The default plan by the autopilot, or the same way by an operator’s calls'),
    collections: z.array(z.string()).min(1).max(32).optional().describe('Default: all'),
    timeScale: z
      .number()
      .min(TIME_SCALE_MIN)
      .max(10_000_000)
      .default(1)
      .describe('1: real days; 86400: a day in a second'),
    tickSeconds: z.number().min(1).max(86_400).default(60).describe('Seconds between two calls of the cron'),
    quietMs: z
      .number()
      .int()
      .min(0)
      .max(QUIET_MS_MAX)
      .optional()
      .describe('Quiet time of the clean-up; default 15 minutes'),
    recordsPerSecond: z
      .number()
      .min(0.001)
      .max(1e7)
      .optional()
      .describe(`Rate of the runs; default: that of the last back-fill, or ${ASSUMED_PER_SECOND}`),
    readsPerDay: perDay
      .optional()
      .describe('Reads that clients make of each collection; default: as counted in the last day'),
    writesPerDay: perDay.optional().describe('Writes that clients make to each collection; default: as counted'),
    compareShare: z.number().min(0).max(1).default(0.01).describe('Share of reads compared with the other store'),
    throttle: z.boolean().default(true).describe('Runs slow down while clients use the application'),
    readRegions: z.number().int().min(0).max(20).default(0).describe('Read regions of the database beside its first'),
    redisPer100kCommands: price.describe('US dollars, instead of the table’s'),
    redisPerGbStored: price.describe('US dollars a month'),
    redisPerGbMoved: price.describe('US dollars'),
    queuePer100kMessages: price.describe('US dollars'),
    blobPerMillionReads: price.describe('US dollars'),
    blobPerMillionWrites: price.describe('US dollars'),
  }),
  output: estimateShape,
  run: async ({ engine }: CommandContext, input) => {
    const collections = [...new Set(input.collections ?? engine.collections.map(({ name }) => name))]
    for (const name of collections) collectionOf(engine, name)
    const blob = engine.documents.label.startsWith('blob')
    const prices = pricesOf(input)
    const found = await estimate(engine, { ...input, collections, blob, prices })
    return shownEstimate(found, { ...input, blob, prices })
  },
})

function pricesOf(input: { [name in keyof Prices]?: number | undefined }): Prices {
  const names = Object.keys(PRICES) as (keyof Prices)[]
  return Object.fromEntries(names.map((name) => [name, input[name] ?? PRICES[name]])) as unknown as Prices
}
