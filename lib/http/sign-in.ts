import { type Context, Hono } from 'hono'
import { CutoverError } from '../core/error.js'
import { isJsonObject } from '../core/json.js'
import { parseJsonText } from '../core/json-text.js'
import type { Clock } from '../ports/clock.js'
import { attemptsByAddress } from './attempts.js'
import { checkContentType, readText } from './body.js'
import type { Log } from './log.js'
import { requestFault } from './problem.js'
import type { SessionAuthorizer, SignedIn } from './session-authorizer.js'

/**
 * Signing in and out of the dashboard: a token is exchanged once for a cookie that scripts cannot read.
 *
 * - For the page's script, `/api/session` in JSON: POST begins a session, GET says whose it is, DELETE ends it.
 * - For the form, which works without a script: POST of the fields `token` and `name`, and POST to `/api/session/end`.
 *   Both lead back to the page; what went wrong is said there by a word in the query, and a token never is.
 *
 * Whatever sets or removes the cookie has to come from our own page: else another site could sign people in as somebody
 * else, or out. Nothing of this asks a store, so that one can sign in while everything is down.
 */
export function signInRoutes({ sessions, clock, log }: SignInParts): Hono {
  const attempts = attemptsByAddress(() => clock.now())
  const begin = async (c: Context, { token, name }: Offered): Promise<Begun> => {
    const waitMs = attempts.waitMs(c.req.raw)
    if (waitMs > 0) return { kind: 'wait', seconds: Math.ceil(waitMs / 1_000) }
    const ownName = ownNameOf(name)
    if (ownName === null) return { kind: 'name' }
    const signedIn = await sessions.signIn(token.trim(), ownName)
    if (signedIn === null) {
      attempts.fail(c.req.raw)
      log.info('sign-in-refused', {})
      return { kind: 'refused' }
    }
    log.info('signed-in', { name: signedIn.caller.name, role: signedIn.caller.role })
    c.header('Set-Cookie', signedIn.cookie)
    return { kind: 'begun', signedIn }
  }
  const end = (c: Context): void => {
    sessions.checkSameOrigin(c.req.raw)
    c.header('Cache-Control', 'no-store')
    c.header('Set-Cookie', sessions.cleared)
  }

  return new Hono()
    .post('/api/session', async (c) => {
      sessions.checkSameOrigin(c.req.raw)
      checkContentType(c.req.raw, [JSON_TYPE, FORM_TYPE])
      c.header('Cache-Control', 'no-store')
      const text = await readText(c.req.raw, BODY_BYTES_MAX)
      if (!isForm(c.req.raw)) return c.json(shown(begunOrThrown(await begin(c, offeredInJson(text)))))
      const { kind } = await begin(c, offeredInForm(text))
      return c.redirect(kind === 'begun' ? '/' : `/?sign-in=${kind}`, 303)
    })
    .get('/api/session', async (c) => {
      const session = await sessions.session(c.req.raw)
      if (session === null) throw new CutoverError('unauthenticated', 'There is no session, or it is over. Sign in.')
      c.header('Cache-Control', 'no-store')
      if (session.renewal !== null) c.header('Set-Cookie', session.renewal)
      return c.json(shown(session))
    })
    .delete('/api/session', (c) => {
      end(c)
      return c.body(null, 204)
    })
    .post('/api/session/end', (c) => {
      end(c)
      return c.redirect('/', 303)
    })
}

interface SignInParts {
  sessions: SessionAuthorizer
  clock: Pick<Clock, 'now'>
  log: Log
}

interface Offered {
  token: string
  name: string
}

/** What is not `begun` is also the word in the query after a form. */
type Begun =
  | { kind: 'begun'; signedIn: Omit<SignedIn, 'renewal'> }
  | { kind: 'refused' }
  | { kind: 'name' }
  | { kind: 'wait'; seconds: number }

const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const BODY_BYTES_MAX = 8_192

function shown({ caller, expiresAt }: Omit<SignedIn, 'renewal'>): { name: string; role: string; expiresAt: string } {
  return { name: caller.name, role: caller.role, expiresAt: new Date(expiresAt).toISOString() }
}

function begunOrThrown(begun: Begun): Omit<SignedIn, 'renewal'> {
  switch (begun.kind) {
    case 'begun':
      return begun.signedIn
    case 'refused':
      throw new CutoverError('unauthenticated', 'The token is not one of a viewer, an operator or an admin.')
    case 'name':
      throw new CutoverError('invalid-input', `$.name: ${NAME_RULE}`)
    case 'wait':
      throw requestFault('too-many-requests', 'Too many attempts with a wrong token. Wait a minute.', {
        retryAfterSeconds: begun.seconds,
      })
  }
}

function isForm(request: Request): boolean {
  return (request.headers.get('content-type') ?? '').toLowerCase().startsWith(FORM_TYPE)
}

function offeredInJson(text: string): Offered {
  const body = parseJsonText(text, 'The body', { duplicates: true })
  const { token, name = '', ...others } = isJsonObject(body) ? body : {}
  if (typeof token === 'string' && typeof name === 'string' && Object.keys(others).length === 0) return { token, name }
  throw new CutoverError(
    'invalid-input',
    'The body is an object with "token" and, if you like, "name": both are texts.',
  )
}

function offeredInForm(text: string): Offered {
  const fields = new URLSearchParams(text)
  return { token: fields.get('token') ?? '', name: fields.get('name') ?? '' }
}

const NAME = /^[\p{L}\p{M}\p{N} ._@-]{0,64}$/u
const NAME_RULE = 'A name has at most 64 characters: letters, digits, spaces and . _ @ - only.'

/** What is left empty is no name; `null`: it cannot be one. */
function ownNameOf(text: string): string | null {
  const name = text.normalize('NFC').trim()
  return NAME.test(name) ? name : null
}
