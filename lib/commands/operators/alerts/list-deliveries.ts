import * as z from 'zod'
import { listOutbox } from '../../../engine/alerts/outbox.js'
import { timeOf } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

const deliveryShape = z.object({
  message: z.string().describe('The `webhook-id` of every attempt'),
  type: z.string(),
  alert: z.string(),
  at: z.string(),
  attempts: z.number().int(),
  nextAttemptAt: z.string().nullable(),
  fault: z.string().nullable().describe('Why the last attempt failed'),
})

export const listDeliveries = command({
  name: 'list-deliveries',
  summary: 'Messages that the alert webhook has not taken yet, and those that were given up.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/alert-deliveries' },
  input: z.strictObject({ limit: z.number().int().min(1).max(200).default(50) }),
  output: z.object({
    webhook: z.boolean().describe('A webhook is configured'),
    waiting: z.array(deliveryShape),
    undelivered: z.array(deliveryShape),
  }),
  run: async ({ engine }: CommandContext, { limit }) => {
    const { waiting, undelivered } = await listOutbox(engine, limit)
    return {
      webhook: engine.notify !== undefined,
      waiting: waiting.map((one) => shown(one, one.dueAt)),
      undelivered: undelivered.map((one) => shown(one, null)),
    }
  },
})

function shown(
  { message, attempts, fault }: Awaited<ReturnType<typeof listOutbox>>['waiting'][number],
  dueAt: number | null,
): z.input<typeof deliveryShape> {
  const { id, type, alert, at } = message
  const nextAttemptAt = dueAt === null ? null : timeOf(dueAt)
  return { message: id, type, alert: alert.id, at: timeOf(at), attempts, nextAttemptAt, fault }
}
