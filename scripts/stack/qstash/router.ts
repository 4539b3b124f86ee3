import { Refusal } from './refusal.js'
import type { Call, Reply, Route } from './route.js'
import { adminRoutes } from './routes/admin.js'
import { deadLetterRoutes } from './routes/dead-letters.js'
import { eventRoutes } from './routes/events.js'
import { flowControlRoutes } from './routes/flow-control.js'
import { keyRoutes } from './routes/keys.js'
import { messageRoutes } from './routes/messages.js'
import { publishRoutes } from './routes/publish.js'
import { queueRoutes } from './routes/queues.js'
import { scheduleRoutes } from './routes/schedules.js'

/** Answers one authenticated call. Throws `Refusal` for what it does not take. */
export async function answer(method: string, target: string, call: Omit<Call, 'params' | 'query'>): Promise<Reply> {
  const [path = '', search = ''] = splitOnce(target, '?')
  const query = new URLSearchParams(search)
  for (const route of routes) {
    if (route.method !== method) continue
    // A destination is the rest of the whole target, query included and not encoded.
    const match = route.pattern.exec(route.takesDestination ? target : path)
    if (match === null) continue
    const params = match.slice(1).map((param) => (route.takesDestination ? param : decodeURIComponent(param)))
    return await route.handle({ ...call, params, query })
  }
  throw new Refusal(404, `not found: ${method} ${path.startsWith('/v2/') ? path.split('/', 3).join('/') : ''}`)
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

const routes: readonly Route[] = [
  ...publishRoutes,
  ...scheduleRoutes,
  ...deadLetterRoutes,
  ...messageRoutes,
  ...eventRoutes,
  ...queueRoutes,
  ...flowControlRoutes,
  ...keyRoutes,
  ...adminRoutes,
]
