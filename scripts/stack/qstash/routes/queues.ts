import { z } from 'zod'
import type { FifoQueue } from '../model.js'
import type { Office } from '../office.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route, saved } from '../route.js'

export const queueRoutes: readonly Route[] = [
  { method: 'POST', pattern: /^\/v2\/queues$/, handle: upsert },
  { method: 'GET', pattern: /^\/v2\/queues$/, handle: list },
  { method: 'GET', pattern: /^\/v2\/queues\/([^/]+)$/, handle: (call) => json(toWire(call.office, find(call))) },
  { method: 'DELETE', pattern: /^\/v2\/queues\/([^/]+)$/, handle: remove },
  { method: 'POST', pattern: /^\/v2\/queues\/([^/]+)\/(pause|resume)$/, handle: pauseOrResume },
]

function upsert({ office, body }: Call): Promise<Reply> {
  const parsed = parse(body)
  const now = Date.now()
  office.state.queues.set(parsed.queueName, {
    name: parsed.queueName,
    parallelism: parsed.parallelism,
    paused: parsed.paused,
    createdAt: office.state.queues.get(parsed.queueName)?.createdAt ?? now,
    updatedAt: now,
  })
  return saved(office)
}

function list({ office }: Call): Reply {
  return json([...office.state.queues.values()].map((queue) => toWire(office, queue)))
}

/** The messages of a deleted queue go with it. */
function remove(call: Call): Promise<Reply> {
  const { state, events } = call.office
  const { name } = find(call)
  state.queues.delete(name)
  for (const message of state.messages.values()) {
    if (message.queueName !== name) continue
    state.messages.delete(message.messageId)
    events.add(message, 'CANCELED')
  }
  return saved(call.office)
}

function pauseOrResume(call: Call): Promise<Reply> {
  const queue = find(call)
  queue.paused = param(call, 1) === 'pause'
  queue.updatedAt = Date.now()
  return saved(call.office)
}

function toWire({ state }: Office, queue: FifoQueue): object {
  const lag = [...state.messages.values()].filter(({ queueName }) => queueName === queue.name).length
  return { ...queue, lag }
}

function find(call: Call): FifoQueue {
  const queue = call.office.state.queues.get(param(call))
  if (queue === undefined) throw new Refusal(404, 'queue not found')
  return queue
}

function parse(body: Buffer): z.infer<typeof queueSchema> {
  try {
    return queueSchema.parse(JSON.parse(body.toString('utf8')))
  } catch {
    throw new Refusal(400, 'invalid queue: queueName, parallelism and paused are expected')
  }
}

const queueSchema = z.object({
  queueName: z.string().min(1),
  parallelism: z.number().int().min(1).default(1),
  paused: z.boolean().default(false),
})
