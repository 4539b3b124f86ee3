import * as z from 'zod'
import { stageShape } from './shapes.js'

/** What `plan-migration` answers; HTTP, CLI, MCP and the API description all take it from here. */
const count = z.number()
const usage = {
  commands: count.describe('Redis commands; each in a pipeline is one'),
  bytesIn: count.describe('Bytes of requests to Redis, without headers'),
  bytesOut: count.describe('Bytes of answers of Redis, without headers'),
  messages: count.describe('Deliveries of the queue'),
  documentReads: count.describe('Reads of source documents'),
  documentWrites: count.describe('Writes of source documents'),
}

const collectionEstimate = z.object({
  collection: z.string(),
  stage: stageShape.describe('Where it stands now; the estimate begins in off all the same'),
  records: count,
  valueBytes: count.describe('Of the records, as JSON'),
  documentBytes: count.describe('Of the source documents, as cutover writes them'),
  partitions: count.describe('Source documents'),
  sampled: z.boolean().describe('Time was too short to read everything; the rest is reckoned from what was read'),
  share: count.describe('Share of the records that was read, 0 to 1'),
  recordsPerSecond: count.describe('Rate that durations are reckoned with'),
  rateFrom: z.enum(['request', 'last-run', 'assumed']),
  readsPerDay: count,
  writesPerDay: count,
  trafficFrom: z.enum(['request', 'counted', 'unknown']).describe('Unknown: nothing is counted yet; reckoned as none'),
  storedHighest: count.describe('Bytes in Redis: values, listing, versions, remembered operations'),
  storedAfterwards: count.describe('Bytes in Redis after the clean-up'),
})

const stepEstimate = z.object({
  step: z.string(),
  day: count,
  action: z.string(),
  seconds: count.describe('Until the step is left, at the earliest'),
  ticks: count.describe('Calls of the cron meanwhile'),
  ...usage,
  soakSeconds: count,
  rollsBackTo: stageShape.nullable(),
  gate: z.array(z.string()),
})

const money = z.object({
  redisCommands: count,
  redisStorage: count,
  redisBandwidth: count,
  queueMessages: count,
  blobOperations: count,
  total: count,
})

const traffic = z.object({
  stage: stageShape,
  readCommands: count.describe('Redis commands of 1,000 reads'),
  readDocumentReads: count,
  writeCommands: count.describe('Redis commands of 1,000 writes'),
  writeDocumentReads: count,
  writeDocumentWrites: count,
})

export const estimateShape = z.object({
  course: z.enum(['week', 'by-hand']),
  totals: z
    .object({
      records: count,
      valueBytes: count,
      ...usage,
      storedHighest: count,
      storedAfterwards: count,
      seconds: count.describe('From the first step to the end of the last'),
      workSeconds: count.describe('Of that, time in which runs are at work or wait as they must'),
    })
    .describe('Of the migration itself; the callers’ traffic is beside it'),
  money: money.describe('US dollars, of the migration and of the traffic while it lasts'),
  prices: z.object({
    of: z.string().describe('Date of the table'),
    currency: z.string(),
    table: z.record(z.string(), count),
  }),
  standing: z.object({
    commandsPerDay: count.describe('Redis commands of a day of the cron while collections are on their way'),
    commandsPerDayOfEachDocument: count.describe('Of those, what each source document adds'),
    moneyPerDay: count.describe('US dollars'),
    commandsPerDayAfterwards: count.describe('The same after the clean-up, until the cron is taken away'),
  }),
  collections: z.array(collectionEstimate),
  steps: z.array(stepEstimate),
  work: z
    .array(
      z.object({
        step: z.string(),
        what: z.string(),
        collection: z.string(),
        batches: count,
        seconds: count,
        ...usage,
      }),
    )
    .describe('The actions of the steps, each on one collection'),
  trafficPer1000: z.array(traffic).describe('What clients’ operations use in each stage, by the protocol'),
  trafficMeanwhile: z.object(usage).describe('What the expected traffic uses while the migration lasts'),
  noWayBackFrom: z.array(z.string()).describe('Steps after which no stage can be taken back'),
  cannotBeRolledBack: z.array(
    z.object({
      kind: z
        .enum(['never', 'not-at-once', 'not-moved'])
        .describe('For good; only after a back-fill; or refused by the target or unreadable, and so not moved at all'),
      what: z.string(),
      collection: z.string().nullable(),
      reason: z.string(),
    }),
  ),
  beyondFreePlans: z.array(z.string()).describe('Limits of accounts without a paid plan that this would go over'),
  assumptions: z.array(z.string()),
  leftOut: z.array(z.string()).describe('What is paid for and not in this estimate'),
})
