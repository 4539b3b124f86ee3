import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { dataPart } from './_surfaces/data.js'

const parts = await wired()

export default createApp({
  data: dataPart(parts),
  health: async () => ({ healthy: true, issues: [] }),
  clock: parts.clock,
  log: parts.log,
})
