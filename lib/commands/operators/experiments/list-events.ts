import * as z from 'zod'
import { listEvents as list } from '../../../engine/experiments/events.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { experimentName } from '../../experiments.js'

export const listEvents = command({
  name: 'list-events',
  summary: 'What subjects of an experiment did, newest first.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/experiments/{name}/events' },
  input: experimentName.extend({
    subject: z.string().optional().describe('As it was recorded'),
    cohort: z.string().optional(),
    kind: z.enum(['exposure', 'value', 'happened', 'pair', 'behaviour']).optional(),
    metric: z.string().optional(),
    event: z.string().optional().describe('Name of a behaviour'),
    round: z.number().int().optional(),
    before: z.string().optional().describe('Position to go on from'),
    limit: z.number().int().min(1).max(200).default(100),
  }),
  output: z.object({
    items: z.array(
      z.object({
        position: z.string(),
        at: z.string(),
        event: z.string(),
        subject: z.string(),
        round: z.number(),
        cohort: z.string(),
        kind: z.string(),
        metric: z.string().nullable(),
        name: z.string().nullable(),
        value: z.number().nullable(),
        control: z.number().nullable(),
        treatment: z.number().nullable(),
      }),
    ),
    next: z.string().nullable(),
  }),
  run: ({ engine }: CommandContext, { name, event, ...filters }) =>
    list(engine, { ...filters, experiment: name, name: event }),
})
