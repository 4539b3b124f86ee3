import * as z from 'zod'
import { takeIn } from '../../../engine/metrics/take-in.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { shownTime } from '../../metrics-shape.js'

const count = z.number().int().min(0).max(1e12)
const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/)

/** Decides nothing, and comes often: the audit trail is not told of it. */
export const recordMetrics = command({
  name: 'record-metrics',
  summary: 'Adds what was measured elsewhere of the two ways, legacy and new, of a part that is not a collection.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/metrics' },
  input: z.strictObject({
    id: z
      .string()
      .min(1)
      .max(48)
      .regex(/^[\w.:-]+$/)
      .describe('Sent again within two hours, it is added once'),
    component: z.string().min(1).max(64),
    at: z.iso.datetime({ offset: true }).optional().describe('When it was, within the last hour; otherwise now'),
    measurements: z
      .array(
        z.strictObject({
          path: z.enum(['legacy', 'new']),
          operation: z
            .string()
            .min(1)
            .max(64)
            .regex(/^[\w.:/ -]+$/),
          count: count.describe('Operations, the failed ones included'),
          errors: count.default(0),
          latencies: z
            .array(z.strictObject({ ms: z.number().min(0).max(1e9), times: count.default(1) }))
            .max(1_000)
            .default([])
            .describe('How long operations took, and how many took so long'),
          sums: z
            .record(name, z.number().min(-1e15).max(1e15))
            .default({})
            .describe('Further counts, 32 at most')
            .refine((sums) => Object.keys(sums).length <= 32, 'at most 32'),
        }),
      )
      .min(1)
      .max(100),
  }),
  output: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('recorded'), bucket: z.iso.datetime() }),
    z.object({ kind: z.literal('refused'), reason: z.literal('measured-here') }),
  ]),
  async run({ engine }: CommandContext, { at, ...input }) {
    const taken = await takeIn(engine, { ...input, ...(at === undefined ? {} : { at: Date.parse(at) }) })
    return taken.kind === 'refused' ? taken : { kind: 'recorded' as const, bucket: shownTime(taken.bucket) }
  },
})
