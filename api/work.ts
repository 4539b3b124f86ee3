import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { workPart } from './_surfaces/work.js'

const parts = await wired()

export default createApp({
  jobs: workPart(parts),
  health: async () => ({ healthy: true, issues: [] }),
  clock: parts.clock,
  log: parts.log,
})
