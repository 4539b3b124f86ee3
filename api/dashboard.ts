import { health } from '../lib/engine/health.js'
import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { dashboardPart } from './_surfaces/dashboard.js'

const parts = await wired()

export default createApp({
  dashboard: dashboardPart(parts),
  health: async () => health(await parts.control('looking')),
  clock: parts.clock,
  log: parts.log,
})
