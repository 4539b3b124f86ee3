import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { tickPart } from './_surfaces/tick.js'

const parts = await wired()

export default createApp({
  cron: tickPart(parts),
  health: async () => ({ healthy: true, issues: [] }),
  clock: parts.clock,
  log: parts.log,
})
