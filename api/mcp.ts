import { createApp } from '../lib/http/app.js'
import { wired } from '../lib/wire.js'
import { servedPart } from './_surfaces/data.js'
import { mcpPart, metadataPart } from './_surfaces/mcp.js'

const parts = await wired()

export default createApp({
  mcp: await mcpPart(parts),
  wellKnown: metadataPart(parts),
  health: async () => ({ healthy: true, issues: [] }),
  ...servedPart(parts),
  clock: parts.clock,
  log: parts.log,
})
