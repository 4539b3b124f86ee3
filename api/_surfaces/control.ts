import type { Hono } from 'hono'
import type { CommandContext } from '../../lib/commands/context.js'
import { commands } from '../../lib/commands/index.js'
import { checkRecord } from '../../lib/commands/records/schemas.js'
import { controlRoutes } from '../../lib/http/control.js'
import { openapiDocument } from '../../lib/http/openapi.js'
import type { OpenapiDocument } from '../../lib/http/openapi-document.js'
import type { Wired } from '../../lib/wire.js'
import packageJson from '../../package.json' with { type: 'json' }
import { authorizerOf } from './data.js'

/** The operators' verbs over HTTP, and their description. */
export async function controlPart(wired: Wired): Promise<Hono> {
  return controlRoutes({ commands, context: await commandContext(wired), authorizer: authorizerOf(wired.settings) })
}

export function description({ migration }: Wired): OpenapiDocument {
  return openapiDocument({ commands, schemas: schemasOf(migration), version: packageJson.version })
}

export async function commandContext(wired: Wired): Promise<CommandContext> {
  const schemas = schemasOf(wired.migration)
  return {
    engine: await wired.control(),
    dataPlane: wired.dataPlane,
    documents: wired.documents,
    checkRecord: (collection, id, value) => checkRecord(schemas, collection, id, value),
  }
}

function schemasOf(migration: Wired['migration']): {
  [name: string]: Wired['migration']['collections'][number]['schema']
} {
  return Object.fromEntries(migration.collections.map(({ name, schema }) => [name, schema]))
}
