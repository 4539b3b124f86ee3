import type { Hono } from 'hono'
import { health } from '../../lib/engine/health.js'
import { createApp } from '../../lib/http/app.js'
import type { McpOptions } from '../../lib/mcp/handler.js'
import type { Wired } from '../../lib/wire.js'
import { controlPart, description, flagsPart } from './control.js'
import { dashboardPart } from './dashboard.js'
import { dataPart, servedPart } from './data.js'
import { mcpPart, metadataPart } from './mcp.js'
import { tickPart } from './tick.js'
import { workPart } from './work.js'

/** Every surface in one app: what the functions serve together, for a server of one's own. */
export async function allParts(wired: Wired, more: { mcp?: Partial<McpOptions>; files?: Hono } = {}): Promise<Hono> {
  return createApp({
    data: dataPart(wired),
    control: await controlPart(wired),
    flags: flagsPart(wired),
    jobs: workPart(wired),
    cron: tickPart(wired),
    mcp: await mcpPart(wired, more.mcp),
    wellKnown: metadataPart(wired),
    dashboard: dashboardPart(wired),
    ...(more.files === undefined ? {} : { files: more.files }),
    openapi: () => description(wired),
    health: async () => health(await wired.control('looking')),
    ...servedPart(wired),
    clock: wired.clock,
    log: wired.log,
  })
}
