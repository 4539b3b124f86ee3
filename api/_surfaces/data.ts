import type { Hono } from 'hono'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { dataRoutes } from '../../lib/http/data.js'
import type { Wired } from '../../lib/wire.js'

/** The application's records over HTTP. Nothing here may import the control plane. */
export function dataPart({ dataPlane, settings, migration, clock }: Wired): Hono {
  const schemas = Object.fromEntries(migration.collections.map(({ name, schema }) => [name, schema]))
  return dataRoutes({ dataPlane, schemas, clock, authorize: authorizerOf(settings).authorizeData })
}

export function authorizerOf({ tokens }: Wired['settings']): ReturnType<typeof tokenAuthorizer> {
  const { api, admin, operator, viewer } = tokens
  return tokenAuthorizer({
    ...(api === undefined ? {} : { apiToken: api }),
    ...(admin === undefined ? {} : { adminToken: admin }),
    ...(operator === undefined ? {} : { operatorToken: operator }),
    ...(viewer === undefined ? {} : { viewerToken: viewer }),
  })
}
