import { type Context, Hono } from 'hono'
import { methodNotAllowed } from 'hono/method-not-allowed'
import { CutoverError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import { docsPage } from './docs-page.js'
import { type Log, originOf } from './log.js'
import type { OpenapiDocument } from './openapi-document.js'
import { asCutoverError, problemResponse, requestFault } from './problem.js'

/**
 * One app from the surfaces that a deployment serves. Each part names its full paths, because a function on Vercel
 * sees the whole path whichever file it lives in; a part that is left out is 404. Here, and only here, errors become
 * answers.
 */
export function createApp(parts: AppParts): Hono {
  const app = new Hono()
  const requestIds = new WeakMap<Request, string>()
  const problem = (c: Context, error: CutoverError) => problemResponse(c, error, requestIds.get(c.req.raw) ?? '')

  app.use(async (c, next) => {
    const id = requestId(c.req.raw, parts.clock)
    requestIds.set(c.req.raw, id)
    await next()
    c.header('X-Request-Id', id)
    parts.served?.(c.req.path, c.req.raw.signal.aborted)
  })
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, allow) => {
        const message = `This path takes ${allow.join(', ')}.`
        return problem(c, requestFault('method-not-allowed', message, { allow }))
      },
    }),
  )
  app.notFound((c) => problem(c, new CutoverError('not-found', 'There is nothing at this path.')))
  app.onError((error, c) => {
    const response = problem(c, asCutoverError(error))
    report(parts.log, error, response.status, c.req.raw, requestIds.get(c.req.raw) ?? '')
    return response
  })

  app.get('/api/health', (c) => health(c, parts.health))
  if (parts.mcp !== undefined) app.all('/mcp', parts.mcp)
  const { data, control, flags, jobs, cron, wellKnown, dashboard, files } = parts
  for (const part of [data, control, flags, jobs, cron, wellKnown, dashboard, files]) {
    if (part !== undefined) app.route('/', part)
  }
  if (parts.openapi !== undefined) describe(app, parts.openapi)
  return app
}

export interface AppParts {
  data?: Hono
  control?: Hono
  /** Flags for others. */
  flags?: Hono
  jobs?: Hono
  cron?: Hono
  dashboard?: Hono
  /** Static files, where no platform serves them. */
  files?: Hono
  wellKnown?: Hono
  /** Serves every method of `/mcp`. */
  mcp?: (c: Context) => Response | Promise<Response>
  /** Called once, at the first request for it. */
  openapi?: () => OpenapiDocument | Promise<OpenapiDocument>
  health(): Promise<Health>
  /** Told of every request when it has been answered, and whether its client went away before. */
  served?: (path: string, dropped: boolean) => void
  clock: Pick<Clock, 'id'>
  log: Log
}

interface Health {
  healthy: boolean
  /** One sentence each, for the operator. */
  issues: string[]
}

async function health(c: Context, check: () => Promise<Health>): Promise<Response> {
  const found = await check().catch((error): Health => ({ healthy: false, issues: [asCutoverError(error).message] }))
  c.header('Cache-Control', 'no-store')
  if (!found.healthy) c.header('Retry-After', HEALTH_AGAIN_SECONDS)
  return c.json({ healthy: found.healthy, issues: found.issues }, found.healthy ? 200 : 503)
}

const HEALTH_AGAIN_SECONDS = '5'

function describe(app: Hono, openapi: NonNullable<AppParts['openapi']>): void {
  let made: OpenapiDocument | null = null
  const document = async () => {
    made ??= await openapi()
    return made
  }
  app.get('/openapi.json', async (c) =>
    c.body(JSON.stringify(await document()), 200, { 'Content-Type': 'application/json' }),
  )
  app.get('/docs', async (c) => {
    c.header('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'")
    return c.html(docsPage(await document()))
  })
}

/** The caller's own id is kept where it is harmless, so that its log and ours can be joined. */
function requestId(request: Request, clock: Pick<Clock, 'id'>): string {
  const offered = request.headers.get('x-request-id') ?? ''
  return /^[\w.:-]{1,128}$/.test(offered) ? offered : clock.id()
}

/** Messages of unexpected errors may quote what was sent, so only their names and stack frames are logged. */
function report(log: Log, error: unknown, status: number, request: Request, id: string): void {
  const { code, message } = asCutoverError(error)
  const fields = { requestId: id, method: request.method, path: new URL(request.url).pathname, status, code, message }
  if (status === 503) log.info('request-unavailable', fields)
  else if (status < 500) log.debug('request-refused', fields)
  else log.error('request-failed', { ...fields, ...originOf(error) })
}
