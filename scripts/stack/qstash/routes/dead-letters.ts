import { matches, page } from '../filter.js'
import { createMessage, place } from '../intake.js'
import type { DeadLetter } from '../model.js'
import { Refusal } from '../refusal.js'
import { type Call, json, param, type Reply, type Route, saved } from '../route.js'
import { deadLetterToWire } from '../wire.js'

export const deadLetterRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/v2\/dlq$/, handle: list },
  { method: 'GET', pattern: /^\/v2\/dlq\/([^/]+)$/, handle: (call) => json(deadLetterToWire(find(call))) },
  { method: 'DELETE', pattern: /^\/v2\/dlq$/, handle: removeMany },
  { method: 'DELETE', pattern: /^\/v2\/dlq\/([^/]+)$/, handle: removeOne },
  { method: 'POST', pattern: /^\/v2\/dlq\/retry$/, handle: retryMany },
  { method: 'POST', pattern: /^\/v2\/dlq\/retry\/([^/]+)$/, handle: retryOne },
]

function list(call: Call): Reply {
  const { items, cursor } = choose(call)
  return json({ messages: items.map(deadLetterToWire), ...(cursor === undefined ? {} : { cursor }) })
}

function removeOne(call: Call): Promise<Reply> {
  call.office.state.deadLetters.delete(find(call).dlqId)
  return saved(call.office)
}

function removeMany(call: Call): Promise<Reply> {
  const { items, cursor } = choose(call)
  for (const letter of items) call.office.state.deadLetters.delete(letter.dlqId)
  return saved(call.office, json({ deleted: items.length, ...next(call, cursor) }))
}

function retryOne(call: Call): Promise<Reply> {
  return saved(call.office, json(sendAgain(call, find(call))))
}

function retryMany(call: Call): Promise<Reply> {
  const { items, cursor } = choose(call)
  const responses = items.map((letter) => sendAgain(call, letter))
  return saved(call.office, json({ responses, cursor: next(call, cursor).cursor ?? '' }))
}

/** A retried dead letter becomes a new message with all its retries before it. */
function sendAgain({ office }: Call, letter: DeadLetter): { messageId: string } {
  office.state.deadLetters.delete(letter.dlqId)
  const { messageId, order, createdAt, notBefore, retried, duplicated, ...spec } = letter.message
  const message = createMessage(office, spec, Date.now())
  place(office, message)
  return { messageId: message.messageId }
}

function choose({ office, query }: Call): { items: DeadLetter[]; cursor?: string } {
  const letters = [...office.state.deadLetters.values()].filter((letter) =>
    matches(query, {
      message: letter.message,
      time: letter.message.createdAt,
      dlqId: letter.dlqId,
      responseStatus: letter.responseStatus,
    }),
  )
  return page(letters, query, (letter) => letter.dlqId)
}

/** After a bulk action the chosen letters are gone, so going on means beginning again. */
function next(call: Call, cursor: string | undefined): { cursor?: string } {
  return cursor === undefined || call.office.state.deadLetters.size === 0 ? {} : { cursor }
}

function find(call: Call): DeadLetter {
  const letter = call.office.state.deadLetters.get(param(call))
  if (letter === undefined) throw new Refusal(404, 'dead letter not found')
  return letter
}
