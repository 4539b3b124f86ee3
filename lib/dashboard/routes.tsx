import { type Context, Hono } from 'hono'
import { options } from 'preact'
import { render } from 'preact-render-to-string'
import type { Caller } from '../commands/command.js'
import type { CommandContext } from '../commands/context.js'
import { showDashboard } from '../commands/operators/state/show-dashboard.js'
import { CutoverError } from '../core/error.js'
import { Document } from './page/document.js'
import { Page } from './page/page.js'
import { SignIn } from './page/sign-in.js'
import type { Boot } from './state.js'

/**
 * `GET /`: the page of the operators, as it stands at this moment, readable without JavaScript. What it does from then
 * on (`client/`) it asks of the same API as every other client. Whoever is not signed in sees a form for that, and
 * nothing of the migration.
 */
export function dashboardRoutes(parts: DashboardParts): Hono {
  return new Hono().get('/', async (c) => {
    const session = await parts.session(c.req.raw)
    for (const [name, value] of HEADERS) c.header(name, value)
    if (session === null) {
      const fault = c.req.query('sign-in') ?? null
      return page(c, <Document title="Sign in" body={<SignIn fault={fault} />} />)
    }
    if (session.renewal !== null) c.header('Set-Cookie', session.renewal)
    const boot = await bootOf(parts, session.caller, new URL(c.req.url).host)
    return page(c, <Document title="Migration" body={<Page boot={boot} />} boot={boot} />)
  })
}

export interface DashboardParts {
  /** Loaded at the first request that needs it. */
  context: () => Promise<CommandContext>
  /** Who is signed in, by the request's cookie. */
  session: (request: Request) => Promise<{ caller: Caller; renewal: string | null } | null>
}

/** Nothing of another host, nothing inline, in no frame. */
const HEADERS: readonly [string, string][] = [
  [
    'Content-Security-Policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  ],
  ['Cache-Control', 'no-store'],
  // Not "no-referrer": with that the forms' origin is told as "null", and sign-in refuses what is not of this page.
  ['Referrer-Policy', 'same-origin'],
  ['X-Content-Type-Options', 'nosniff'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
]

/** So that a part which cannot be drawn leaves the others standing here as well (`Guard`), and the emergency stop. */
Object.assign(options, { errorBoundaries: true })

function page(c: Context, document: Parameters<typeof render>[0]): Response | Promise<Response> {
  return c.html(`<!doctype html>${render(document)}`)
}

async function bootOf(parts: DashboardParts, { name, role }: Caller, host: string): Promise<Boot> {
  const caller = { name, role }
  let context: CommandContext | null = null
  try {
    context = await parts.context()
    const state = await showDashboard.run(context, showDashboard.input.parse({}), caller)
    return { state: showDashboard.output.parse(state), fault: null, caller, host }
  } catch (error) {
    if (error instanceof CutoverError) return { state: null, fault: error.message, caller, host }
    if (context === null) throw error
    // A fault of ours takes nobody the page: what can be done from it does not rest on what it shows.
    context.fault?.('the page', error)
    return { state: null, fault: 'An unexpected error. The log holds more.', caller, host }
  }
}
