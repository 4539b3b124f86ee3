import type { Caller, Role } from '../commands/command.js'
import { CutoverError } from '../core/error.js'
import type { Clock } from '../ports/clock.js'
import { type Authorizer, checkHeld, type Tokens, tokenAuthorizer } from './authorize.js'
import { cookieJar } from './cookie.js'
import { checkSameOrigin } from './same-origin.js'
import { expiryOf, IDLE_MS, openSession, type Session, sealSession, sessionKeys } from './session-cookie.js'

/**
 * The control plane's doors for programs and for people: a bearer token, or a session that a browser's cookie carries.
 * A request with an `Authorization` header is judged by that alone. The cookie opens nothing else: who asks for
 * records or for MCP tools is known by `identify` and `authorizeData`, which look at tokens only.
 */
export function sessionAuthorizer({ tokens, publicUrl, clock }: SessionParts): SessionAuthorizer {
  const byToken = tokenAuthorizer(tokens)
  const keys = sessionKeys({ viewer: tokens.viewerToken, operator: tokens.operatorToken, admin: tokens.adminToken })
  const jar = cookieJar(publicUrl)
  const written = async (session: Session, now: number): Promise<string> => {
    const key = keys(session.role)
    if (key === null) throw new CutoverError('internal', `The role ${session.role} has no token.`)
    return jar.write(await sealSession(await key, session), Math.ceil((session.expiresAt - now) / 1_000))
  }
  const session = async (request: Request): Promise<SignedIn | null> => {
    const text = request.headers.has('authorization') ? null : jar.read(request)
    const now = clock.now()
    const opened = text === null ? null : await openSession(keys, text, now)
    if (opened === null) return null
    const renewed = renewedAt(opened, now)
    if (renewed === null) return { caller: callerOf(opened), expiresAt: opened.expiresAt, renewal: null }
    return { caller: callerOf(opened), expiresAt: renewed.expiresAt, renewal: await written(renewed, now) }
  }
  return {
    ...byToken,
    session,
    async authorizeRole(request, needed) {
      const signedIn = await session(request)
      if (signedIn === null) return byToken.authorizeRole(request, needed)
      if (request.method !== 'GET' && request.method !== 'HEAD') checkSameOrigin(request, publicUrl)
      return checkHeld(signedIn.caller, needed)
    },
    async signIn(token, ownName) {
      const identity = await byToken.identifyToken(token)
      if (identity.kind !== 'caller') return null
      const now = clock.now()
      const { role } = identity.caller
      const begun = { role, ownName, begunAt: now, expiresAt: expiryOf(now, now), nonce: clock.id() }
      return { caller: callerOf(begun), expiresAt: begun.expiresAt, cookie: await written(begun, now) }
    },
    checkSameOrigin: (request) => checkSameOrigin(request, publicUrl),
    cleared: jar.clear,
  }
}

export interface SessionAuthorizer extends Authorizer {
  /** Who is signed in, by the cookie alone; `null`: nobody. Asks nobody else, and throws nothing. */
  session(request: Request): Promise<SignedIn | null>
  /** `null`: the token is not one of an operator. */
  signIn(token: string, ownName: string): Promise<(Omit<SignedIn, 'renewal'> & { cookie: string }) | null>
  /** Throws `forbidden` for what another site's page may have sent. */
  checkSameOrigin(request: Request): void
  /** For `Set-Cookie`: the session is over. */
  cleared: string
}

export interface SignedIn {
  caller: Caller & { role: Role }
  /** Unless it is used before then. */
  expiresAt: number
  /** For `Set-Cookie`: the session renewed, where that is due; else `null`. */
  renewal: string | null
}

interface SessionParts {
  tokens: Tokens
  /** Where browsers find the deployment. */
  publicUrl: string
  clock: Pick<Clock, 'now' | 'id'>
}

/** Not at every answer: once half of the idle time is gone, and as long as there is something to be gained. */
function renewedAt(session: Session, now: number): Session | null {
  const expiresAt = expiryOf(session.begunAt, now)
  const isDue = session.expiresAt - now <= IDLE_MS / 2 && expiresAt > session.expiresAt
  return isDue ? { ...session, expiresAt } : null
}

/** The token says what may be done; the name beside it is the operator's own word, and shown as such. */
function callerOf({ role, ownName }: Session): Caller & { role: Role } {
  return { name: ownName === '' ? `${role}-token` : `${role}-token (${ownName})`, role }
}
