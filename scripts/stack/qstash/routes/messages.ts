import { matches } from '../filter.js'
import type { Message } from '../model.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route, saved } from '../route.js'
import { messageToWire } from '../wire.js'

export const messageRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/v2\/messages\/([^/]+)$/, handle: (call) => json(messageToWire(find(call))) },
  { method: 'DELETE', pattern: /^\/v2\/messages\/([^/]+)$/, handle: cancelOne },
  { method: 'DELETE', pattern: /^\/v2\/messages$/, handle: cancelMany },
]

function cancelOne(call: Call): Promise<Reply> {
  cancel(call, find(call))
  return saved(call.office, json({ cancelled: 1 }))
}

/** No filter is every message. */
function cancelMany(call: Call): Promise<Reply> {
  const chosen = [...call.office.state.messages.values()].filter((message) =>
    matches(call.query, { message, time: message.createdAt }),
  )
  for (const message of chosen) cancel(call, message)
  return saved(call.office, json({ cancelled: chosen.length }))
}

/** An attempt that is under way goes on, but nothing follows from it. */
function cancel({ office }: Call, message: Message): void {
  office.state.messages.delete(message.messageId)
  office.events.add(message, 'CANCELED')
}

function find(call: Call): Message {
  const message = call.office.state.messages.get(param(call))
  if (message === undefined) throw new Refusal(404, 'message not found')
  return message
}
