import type { Hono } from 'hono'
import { dashboardRoutes } from '../../lib/dashboard/routes.js'
import type { Wired } from '../../lib/wire.js'
import { commandContext } from './context.js'
import { sessionsOf } from './sessions.js'

/** The operators' page. Its script and styles are static files. */
export function dashboardPart(wired: Wired): Hono {
  return dashboardRoutes({ context: () => commandContext(wired, 'looking'), session: sessionsOf(wired).session })
}
