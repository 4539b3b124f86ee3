import * as z from 'zod'

/** What `show-cost` answers. `null` everywhere means: not metered, or not known; never a guess. */
const count = z.number()
const usd = z.number().nullable()
const time = z.string().nullable()

const amounts = {
  commands: count.nullable().describe('Redis commands; each in a pipeline is one, and so is a script'),
  messages: count.nullable().describe('Published at the queue'),
  documentReads: count.nullable().describe('Reads of source documents'),
  documentWrites: count.nullable().describe('Writes of source documents'),
}

const spent = z.object({ commands: count, messages: count, usd: z.number() })

export const costShape = z.object({
  currency: z.literal('USD'),
  pricesOf: z.string().describe('Date of the table of prices, the same as that of plan-migration'),
  since: time.describe('When the first of it was metered'),
  soFar: z.object({ ...amounts, storageBytes: count.nullable(), usd }),
  perCollection: z.array(z.object({ collection: z.string(), ...amounts, usd })),
  own: z
    .object({ ...amounts, usd })
    .describe('Of that, what belongs to no collection: the ledger, metrics, the queue, back-ups, looks at this page'),
  estimate: z
    .object({
      usd: z.number().describe('Of what is metered: commands, messages and operations on documents'),
      totalUsd: z.number().describe('With storage and bandwidth, as plan-migration told it'),
      commands: count,
      messages: count,
      seconds: count.describe('How long it was to take'),
      course: z.enum(['week', 'by-hand']),
      collections: z.array(z.string()),
      madeAt: z.string(),
      madeFor: z.string().describe('The verb that began the migration'),
    })
    .nullable()
    .describe('What was said when the first plan or move began; null: nothing was, or it could not be reckoned then'),
  sinceEstimate: z
    .object({ ...amounts, usd })
    .nullable()
    .describe('What was metered since the estimate was made'),
  spentFor: z
    .array(
      z.object({
        purpose: z
          .enum(['moving', 'watching', 'traffic', 'looking'])
          .describe(
            'moving: runs, and verbs that change something; watching: ticks of the cron, with what the autopilot does in them; traffic: reads and writes of the application; looking: verbs that only read, and the page',
          ),
        soFar: spent,
        sinceEstimate: spent.nullable(),
        estimated: spent.nullable().describe('null: no estimate, or it says nothing of this'),
      }),
    )
    .describe('Commands and messages by what they were for; operations on documents are not told apart'),
  share: z
    .number()
    .nullable()
    .describe(
      'Moving since the estimate, against what was estimated for moving, in dollars: 0.5 is half of it. Only moving is held against it, for how long clients, ticks and pages go on is no matter of the migration',
    ),
  lastHour: z.object({ commands: count.nullable(), messages: count.nullable(), usd }),
  rateOverSeconds: z.number().nullable().describe('What the rate goes by; null: too short to say'),
  perMonthAtThisRate: usd.describe('At the rate of the last hour, or of as much of it as was metered'),
  notCounted: z.array(z.string()),
  inWords: z.string().describe('For people'),
})
