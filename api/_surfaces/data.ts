import type { Hono } from 'hono'
import type { CollectionSchemas } from '../../lib/commands/records/check.js'
import { schemasOf } from '../../lib/define.js'
import type { AppParts } from '../../lib/http/app.js'
import { type Authorizer, type Tokens, tokenAuthorizer } from '../../lib/http/authorize.js'
import { connectionCounter } from '../../lib/http/connections.js'
import { dataRoutes } from '../../lib/http/data.js'
import type { Wired } from '../../lib/wire.js'

/** The application's records over HTTP. Nothing here may import the control plane. */
export function dataPart({ dataPlane, settings, migration, clock, requests }: Wired): Hono {
  let loaded: CollectionSchemas | undefined
  const schemas = async (): Promise<CollectionSchemas> => {
    loaded ??= await schemasOf(migration)
    return loaded
  }
  const recorder = requests === undefined ? {} : { recorder: requests.recorder }
  return dataRoutes({ dataPlane, schemas, clock, authorize: authorizerOf(settings).authorizeData, ...recorder })
}

export function authorizerOf(settings: Wired['settings']): Authorizer {
  return tokenAuthorizer(tokensOf(settings))
}

export function tokensOf({ tokens }: Wired['settings']): Tokens {
  const { api, admin, operator, viewer } = tokens
  return {
    ...(api === undefined ? {} : { apiToken: api }),
    ...(admin === undefined ? {} : { adminToken: admin }),
    ...(operator === undefined ? {} : { operatorToken: operator }),
    ...(viewer === undefined ? {} : { viewerToken: viewer }),
  }
}

/** Counts clients' requests, where the process measures. */
export function servedPart({ metrics, dataPlane }: Wired): Pick<AppParts, 'served'> {
  return metrics === undefined ? {} : { served: connectionCounter(metrics, dataPlane.collections) }
}
