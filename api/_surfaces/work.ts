import type { Hono } from 'hono'
import { verifyDelivery } from '../../lib/drivers/queues/receiver.js'
import { workProgram } from '../../lib/engine/programs/turn.js'
import { afterRun } from '../../lib/engine/rollback/turn.js'
import { workRun } from '../../lib/engine/runs/work.js'
import { jobRoutes } from '../../lib/http/jobs.js'
import type { Wired } from '../../lib/wire.js'
import { tickNow } from './tick.js'

/** Deliveries of the queue. */
export function workPart(wired: Wired): Hono {
  const { currentSigningKey, nextSigningKey } = wired.settings.queue
  return jobRoutes({
    verify: ({ signature, body, path }) =>
      verifyDelivery({ signature, body, url: wired.settings.publicUrl + path, currentSigningKey, nextSigningKey }),
    workRun: async (message) => {
      const context = await wired.control()
      const worked = await workRun(context, message, wired.deadlineAt())
      if (worked.kind !== 'ignored' && worked.run.kind !== 'clean-up') wired.writeSpending?.()
      if (worked.kind === 'ended') await afterRun(context, worked.run.id, wired.deadlineAt())
      return worked
    },
    workProgram: async (message) => workProgram(await wired.control(), message, wired.deadlineAt()),
    tick: () => tickNow(wired),
  })
}
