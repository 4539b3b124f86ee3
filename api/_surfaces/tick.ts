import type { Hono } from 'hono'
import { type TickReport, tick } from '../../lib/engine/tick.js'
import { cronRoutes } from '../../lib/http/cron.js'
import type { Wired } from '../../lib/wire.js'

/** What the cron looks after. */
export function tickPart(wired: Wired): Hono {
  return cronRoutes({ secret: wired.settings.cronSecret, tick: () => tickNow(wired) })
}

export async function tickNow(wired: Wired): Promise<TickReport> {
  const report = await tick(await wired.control('watching'), wired.deadlineAt())
  // A database whose collections are all cleaned up holds the application's data alone.
  if (Object.values(report.watch.collections).some((found) => found !== 'finished')) wired.writeSpending?.()
  return report
}
