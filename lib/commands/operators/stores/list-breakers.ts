import * as z from 'zod'
import { listBreakers as list } from '../../../engine/failing/orders.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const storeInput = z.strictObject({ store: z.enum(['source', 'target']).describe('Which of the two stores') })

const unreachable = z.literal('unreachable').describe('The place where it is kept does not answer')

export const orderShape = z.object({
  by: z.string(),
  reason: z.string(),
  at: z.number().describe('Wall-clock milliseconds'),
})

export const breakerShape = z.object({
  store: z.enum(['source', 'target']),
  here: z
    .object({
      state: z.string().describe('closed, open or half-open'),
      because: z.string().nullable(),
      opened: z.number().int().describe('Times that it has opened'),
      refused: z.number().int().describe('Requests that were not sent'),
      forMs: z.number().int().describe('Milliseconds in this state'),
    })
    .nullable()
    .describe('Of the instance that answers; null: it has no breakers'),
  shared: z
    .union([
      unreachable,
      z.object({
        state: z.enum(['open', 'closed']),
        because: z.string(),
        since: z.number(),
        by: z.string(),
        attempt: z.number().describe('Probes that have failed'),
        nextAt: z.number(),
        lease: z.object({ by: z.string(), until: z.number() }).nullable().describe('Who probes at present'),
      }),
    ])
    .nullable()
    .describe('What instances have told each other; null: never anything'),
  forced: z.union([unreachable, orderShape]).nullable().describe('The order by which the store is left alone'),
})

export const listBreakers = command({
  name: 'list-breakers',
  summary:
    'Whether each store is asked at all, as this instance has it, as instances tell each other, and by whose order.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/breakers' },
  input: z.strictObject({}),
  output: z.object({ items: z.array(breakerShape) }),
  run: async ({ engine }: CommandContext) => ({ items: await list(engine) }),
})
