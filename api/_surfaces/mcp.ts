import { type Context, Hono } from 'hono'
import type { Caller } from '../../lib/commands/command.js'
import { commands } from '../../lib/commands/index.js'
import { schemaOf } from '../../lib/define.js'
import { metadataUrl, protectedResourceMetadata } from '../../lib/mcp/auth.js'
import { createMcpFetch, type McpOptions } from '../../lib/mcp/handler.js'
import { operatorTools } from '../../lib/mcp/operator-tools.js'
import type { Wired } from '../../lib/wire.js'
import packageJson from '../../package.json' with { type: 'json' }
import { commandContext } from './context.js'
import { authorizerOf } from './data.js'

/** The MCP endpoint: tools over the records for everybody who may use them, the operators' verbs for operators. */
export async function mcpPart(
  wired: Wired,
  more: Partial<McpOptions> = {},
): Promise<(c: Context) => Promise<Response>> {
  const { settings, migration, dataPlane, log } = wired
  const authorizer = authorizerOf(settings)
  const collections = await Promise.all(
    migration.collections.map(async (one) => ({ name: one.name, singular: one.singular, schema: await schemaOf(one) })),
  )
  const serve = createMcpFetch({
    dataPlane,
    collections,
    operatorTools: operatorTools(commands, await commandContext(wired), await commandContext(wired, 'looking')),
    version: packageJson.version,
    allowedHosts: settings.mcp.allowedHosts,
    allowedOrigins: settings.mcp.allowedOrigins,
    auth: { required: settings.tokens.api !== undefined, resource: resourceOf(wired) },
    onError: (error) => log.debug('mcp-refused', { error: error instanceof Error ? error.name : typeof error }),
    ...more,
  })
  return async (c) => {
    const identity = await authorizer.identify(c.req.raw)
    if (identity.kind === 'caller') return serve(c.req.raw, identity.caller)
    return serve(c.req.raw, identity.kind === 'api' ? API_CALLER : undefined)
  }
}

/** A client of the application: its records, and no operators' verb. */
const API_CALLER: Caller = { name: 'api-token', role: null }

/** What a client must bring to be let in (RFC 9728). */
export function metadataPart(wired: Wired): Hono {
  const resource = resourceOf(wired)
  return new Hono().get(new URL(metadataUrl(resource)).pathname, (c) => c.json(protectedResourceMetadata(resource)))
}

function resourceOf({ settings }: Wired): string {
  return `${settings.publicUrl}/mcp`
}
