import { Hono } from 'hono'
import { commands } from '../../lib/commands/index.js'
import { schemasOf } from '../../lib/define.js'
import { controlRoutes } from '../../lib/http/control.js'
import { eventRoutes } from '../../lib/http/events.js'
import { ofrepRoutes } from '../../lib/http/ofrep.js'
import { openapiDocument } from '../../lib/http/openapi.js'
import type { OpenapiDocument } from '../../lib/http/openapi-document.js'
import { prometheusRoutes } from '../../lib/http/prometheus.js'
import { signInRoutes } from '../../lib/http/sign-in.js'
import { vercelFlagsRoutes } from '../../lib/http/vercel-flags.js'
import type { Wired } from '../../lib/wire.js'
import packageJson from '../../package.json' with { type: 'json' }
import { commandContext } from './context.js'
import { authorizerOf } from './data.js'
import { sessionsOf } from './sessions.js'

/** The operators' verbs over HTTP, their sign-in, and their description. */
export async function controlPart(wired: Wired): Promise<Hono> {
  const authorizer = sessionsOf(wired)
  const { clock, deadlineAt, log } = wired
  const ledger = async () => (await wired.control('looking')).ledger
  const metrics = async () => (await wired.control('looking')).metrics
  const renewal = async (request: Request) => (await authorizer.session(request))?.renewal ?? null
  const contexts = { context: await commandContext(wired), looking: await commandContext(wired, 'looking') }
  return controlRoutes({ commands, ...contexts, authorizer, renewal })
    .route('/', signInRoutes({ sessions: authorizer, clock, log }))
    .route('/', eventRoutes({ authorizer, ledger, clock, deadlineAt }))
    .route('/', prometheusRoutes({ authorizer, metrics, clock }))
}

export async function description({ migration }: Wired): Promise<OpenapiDocument> {
  return openapiDocument({ commands, schemas: await schemasOf(migration), version: packageJson.version })
}

/** Flags for others: by the OpenFeature protocol, and for Vercel's toolbar. */
export function flagsPart({ control, clock, settings }: Wired): Hono {
  const { flagsSecret: secret, publicUrl } = settings
  return new Hono()
    .route('/', ofrepRoutes({ engine: () => control('traffic'), authorize: authorizerOf(settings).authorizeData }))
    .route('/', vercelFlagsRoutes({ engine: () => control('traffic'), clock, secret, publicUrl }))
}
