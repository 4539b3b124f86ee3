import { matches, page } from '../filter.js'
import { type Call, json, type Reply, type Route } from '../route.js'
import { eventToWire } from '../wire.js'

export const eventRoutes: readonly Route[] = [
  { method: 'GET', pattern: /^\/v2\/events$/, handle: list },
  { method: 'GET', pattern: /^\/v2\/logs$/, handle: list },
]

function list({ office, query }: Call): Reply {
  const events = office.events
    .newestFirst()
    .filter((event) => matches(query, { message: event.message, time: event.time, state: event.state }))
  const { items, cursor } = page(events, query, (event) => String(event.sequence))
  return json({ events: items.map(eventToWire), ...(cursor === undefined ? {} : { cursor }) })
}
