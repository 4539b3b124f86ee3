import * as z from 'zod'
import { STAGES } from '../core/stage.js'

/** Where reads and writes of a collection go right now; see `core/serving.ts`. */
const store = z.enum(['source', 'target'])
const percent = z.number().min(0).max(100)
const inWords = z.string().describe('For people')
const failing = z.object({ kind: z.literal('failing'), because: z.string().describe('Why, as a literal') })

export const servingShape = z
  .object({
    reads: z.object({
      sourcePercent: percent,
      targetPercent: percent,
      failingPercent: percent.describe('Nobody answers these now'),
      inWords,
    }),
    writes: z.object({
      first: store.nullable().describe('Gives a write its version; null: that differs, see ways, or all writes fail'),
      stores: z.array(store).describe('All that a write goes to, copies after the acknowledgement included'),
      acknowledgedBy: z
        .enum(['source', 'target', 'both'])
        .nullable()
        .describe('Who has it when it is acknowledged; null: that differs, or all writes fail'),
      failingPercent: percent,
      inWords,
    }),
    ways: z
      .array(
        z.object({
          stage: z.enum(STAGES),
          percent: percent.describe('Share of all slots'),
          reads: z.discriminatedUnion('kind', [
            z.object({
              kind: z.literal('answered'),
              by: store,
              fallback: z.boolean().describe('The stage names the other store, which does not answer'),
            }),
            failing,
          ]),
          writes: z.discriminatedUnion('kind', [
            z.object({ kind: z.literal('acknowledged'), first: store, stores: z.array(store), by: z.array(store) }),
            failing,
          ]),
        }),
      )
      .describe('Each part that stands alike, the largest first'),
    remarks: z.array(z.string()).describe('What of the stores is not as it should be, and what that means'),
  })
  .describe('Where reads and writes go right now, found by leading one of each through the protocol')
