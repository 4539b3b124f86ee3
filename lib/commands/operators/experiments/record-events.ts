import * as z from 'zod'
import { BATCH_EVENTS_MAX } from '../../../core/experiment/event.js'
import type { Json } from '../../../core/json.js'
import { recordEvents as record } from '../../../engine/experiments/record.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { experimentName } from '../../experiments.js'

const every = {
  id: z.string().describe('Counts once for its subject, however often it is sent'),
  subject: z.string().describe('Kept only as a keyed hash'),
  at: z.number().optional().describe('Milliseconds since the epoch'),
  path: z.string().optional().describe('Which path served, where that assigns the cohort'),
  variant: z.string().optional().describe('What the flag gave it'),
  attributes: z
    .record(z.string().max(64), z.unknown())
    .optional()
    .describe('As the flag was evaluated with; used, not kept'),
}

const eventShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exposure'), ...every }),
  z.strictObject({ kind: z.literal('value'), ...every, metric: z.string(), value: z.number() }),
  z.strictObject({ kind: z.literal('happened'), ...every, metric: z.string() }),
  z.strictObject({ kind: z.literal('pair'), ...every, metric: z.string(), control: z.number(), treatment: z.number() }),
  z.strictObject({
    kind: z.literal('behaviour'),
    ...every,
    name: z.string().regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/),
    value: z.number().optional(),
  }),
])

const count = z.number().int()

export const recordEvents = command({
  name: 'record-events',
  summary: 'Records what subjects of an experiment did or met; each event counts once.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/experiments/{name}/events' },
  input: experimentName.extend({ events: z.array(eventShape).min(1).max(BATCH_EVENTS_MAX) }),
  output: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('recorded'),
      counted: count,
      repeated: count,
      outside: count,
      crossed: count,
      overLimit: count,
      outcomes: z.array(z.enum(['counted', 'repeated', 'outside', 'crossed', 'over-limit'])),
    }),
    z.object({ kind: z.literal('refused'), reason: z.literal('not-running') }),
  ]),
  run: ({ engine }: CommandContext, { name, events }) =>
    record(
      engine,
      name,
      events.map(({ attributes, ...event }) => ({
        ...event,
        ...(attributes === undefined ? {} : { attributes: attributes as { [name: string]: Json } }),
      })),
    ),
})
