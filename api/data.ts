import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { dataPart, servedPart } from './_surfaces/data.js'

const parts = await wired()

export default createApp({
  data: dataPart(parts),
  health: async () => ({ healthy: true, issues: [] }),
  ...servedPart(parts),
  clock: parts.clock,
  log: parts.log,
})
