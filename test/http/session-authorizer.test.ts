import { describe, expect, it } from 'vitest'
import { ROLES, type Role } from '../../lib/commands/command.js'
import type { Tokens } from '../../lib/http/authorize.js'
import { type SessionAuthorizer, sessionAuthorizer } from '../../lib/http/session-authorizer.js'
import { ABSOLUTE_MS, IDLE_MS } from '../../lib/http/session-cookie.js'

const PUBLIC = 'https://cutover.example'
const TOKENS = {
  apiToken: 'api-token-of-tests',
  viewerToken: 'viewer-token-of-tests',
  operatorToken: 'operator-token-of-tests',
  adminToken: 'admin-token-of-tests',
}
const BEGUN = 1_800_000_000_000
const HOUR = 3_600_000

function deployed({ tokens = TOKENS as Tokens, publicUrl = PUBLIC } = {}) {
  const clock = { time: BEGUN, ids: 0, now: () => clock.time, id: () => `nonce-${++clock.ids}` }
  return { clock, sessions: sessionAuthorizer({ tokens, publicUrl, clock }) }
}

async function signedIn(sessions: SessionAuthorizer, role: Role = 'admin', name = '') {
  const begun = await sessions.signIn(TOKENS[`${role}Token`], name)
  if (begun === null) throw new Error('The token is not known.')
  return begun
}

/** What the browser sends back. */
const pair = (setCookie: string) => setCookie.split(';')[0] ?? ''

function request(method: string, headers: { [name: string]: string }): Request {
  return new Request(`${PUBLIC}/api/migration/collections`, { method, headers })
}

describe('signing in', () => {
  it.each(ROLES)('with the token of the role %s gives that role', async (role) => {
    const { sessions } = deployed()
    const begun = await signedIn(sessions, role)
    const caller = { name: `${role}-token`, role }
    expect(begun).toMatchObject({ caller, expiresAt: BEGUN + IDLE_MS })
    const read = await sessions.session(request('GET', { Cookie: pair(begun.cookie) }))
    expect(read).toStrictEqual({ caller, expiresAt: BEGUN + IDLE_MS, renewal: null })
  })

  it.each(['api-token-of-tests', 'admin-token-of-test', '', 'undefined', 'null', 'x'.repeat(5_000)])(
    'with %j is refused',
    async (token) => {
      expect(await deployed().sessions.signIn(token, '')).toBeNull()
      expect(await deployed({ tokens: {} }).sessions.signIn(token, '')).toBeNull()
    },
  )

  it('under a name of one’s own says which token it was, too', async () => {
    const { sessions } = deployed()
    const { caller, cookie } = await signedIn(sessions, 'operator', 'Ann')
    expect(caller).toStrictEqual({ name: 'operator-token (Ann)', role: 'operator' })
    expect(await sessions.authorizeRole(request('GET', { Cookie: pair(cookie) }), 'viewer')).toStrictEqual(caller)
  })

  it('twice in a millisecond begins two sessions', async () => {
    const { sessions } = deployed()
    const [one, other] = [await signedIn(sessions), await signedIn(sessions)]
    expect(one.cookie).not.toBe(other.cookie)
  })
})

describe('the cookie', () => {
  const attributesOf = (line: string) => line.split('; ').slice(1).sort()

  it('of a deployment behind https is bound to its host and to https, and out of reach of scripts', async () => {
    const { cookie } = await signedIn(deployed().sessions)
    expect(cookie).toMatch(/^__Host-cutover=1\.admin\./)
    expect(attributesOf(cookie)).toStrictEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax', 'Secure'])
  })

  it('on one’s own machine is not for https, and all the rest', async () => {
    const { sessions } = deployed({ publicUrl: 'http://localhost:3000' })
    const { cookie } = await signedIn(sessions)
    // Cookies of one host are one jar for all its ports: what runs at another must not sign one out here.
    expect(cookie).toMatch(/^cutover-3000=1\.admin\./)
    expect(attributesOf(cookie)).toStrictEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax'])
  })

  it.each([PUBLIC, 'http://localhost:3000'])('of %s is removed by the same name and attributes', async (publicUrl) => {
    const { sessions } = deployed({ publicUrl })
    const { cookie } = await signedIn(sessions)
    const emptied = cookie.replace(/=1\.[^;]*/, '=').replace('Max-Age=43200', 'Max-Age=0')
    expect(sessions.cleared).toBe(emptied)
  })

  it('is found among others, and by its whole name only', async () => {
    const { sessions } = deployed()
    const own = pair((await signedIn(sessions)).cookie)
    const found = async (Cookie: string) => (await sessions.session(request('GET', { Cookie }))) !== null
    expect(await found(`a=1; ${own}; b="2"`)).toBe(true)
    expect(await found(`a=1;${own}`)).toBe(true)
    for (const other of [
      own.replace('__Host-', ''),
      `x${own}`,
      own.replace('__Host', '__host'),
      own.replace('=', ' ='),
      `"${own}"`,
    ]) {
      expect([other, await found(other)]).toEqual([other, false])
    }
  })

  it('that comes twice is nobody’s: one of the two is somebody else’s', async () => {
    const { sessions } = deployed()
    const own = pair((await signedIn(sessions)).cookie)
    for (const Cookie of [`${own}; ${own}`, `${own}; __Host-cutover=x`, `__Host-cutover=; ${own}`]) {
      expect(await sessions.session(request('GET', { Cookie }))).toBeNull()
    }
  })

  it('is not looked for in a header that is too long', async () => {
    const { sessions } = deployed()
    const own = pair((await signedIn(sessions)).cookie)
    const Cookie = `${own}; a=${'x'.repeat(20_000)}`
    expect(await sessions.session(request('GET', { Cookie }))).toBeNull()
  })
})

describe('a session that is used', () => {
  const at = async (hours: number, cookie?: string) => {
    const { sessions, clock } = deployed()
    const sent = cookie ?? (await signedIn(sessions)).cookie
    clock.time = BEGUN + hours * HOUR
    return sessions.session(request('GET', { Cookie: pair(sent) }))
  }

  it('is renewed once half of its idle time is gone', async () => {
    expect(await at(5.9)).toMatchObject({ renewal: null, expiresAt: BEGUN + 12 * HOUR })
    const renewed = await at(6)
    expect(renewed).toMatchObject({ expiresAt: BEGUN + 18 * HOUR, renewal: expect.stringContaining('Max-Age=43200') })
    expect(await at(17.9, renewed?.renewal ?? '')).toMatchObject({ expiresAt: BEGUN + 29.9 * HOUR })
    expect(await at(18, renewed?.renewal ?? '')).toBeNull()
    expect(await at(12)).toBeNull()
  })

  it('all the time ends after seven days', async () => {
    const { sessions, clock } = deployed()
    let { cookie } = await signedIn(sessions, 'viewer', 'Ann')
    let renewals = 0
    for (; clock.time < BEGUN + ABSOLUTE_MS; clock.time += HOUR / 2) {
      const session = await sessions.session(request('GET', { Cookie: pair(cookie) }))
      expect(session).toMatchObject({ caller: { name: 'viewer-token (Ann)', role: 'viewer' } })
      expect(session?.expiresAt).toBeLessThanOrEqual(BEGUN + ABSOLUTE_MS)
      if (session?.renewal == null) continue
      cookie = session.renewal
      renewals += 1
    }
    expect(await sessions.session(request('GET', { Cookie: pair(cookie) }))).toBeNull()
    // Once in six hours, and never for nothing when the end is near.
    expect(renewals).toBeLessThanOrEqual(ABSOLUTE_MS / HOUR / 6)
    expect(renewals).toBeGreaterThan(20)
  })

  it('ends with the token that began it', async () => {
    const { cookie } = await signedIn(deployed().sessions, 'operator')
    const read = (tokens: Tokens) => deployed({ tokens }).sessions.session(request('GET', { Cookie: pair(cookie) }))
    expect(await read({ ...TOKENS, adminToken: 'another-admin-token' })).not.toBeNull()
    expect(await read({ ...TOKENS, operatorToken: 'another-operator-token' })).toBeNull()
    expect(await read({ adminToken: TOKENS.adminToken })).toBeNull()
  })
})

describe('the doors of the control plane', () => {
  const own = { Origin: PUBLIC, Host: 'cutover.example' }

  it.each(ROLES.flatMap((held) => ROLES.map((needed) => [held, needed] as const)))(
    'a session of the role %s, where %s is needed',
    async (held, needed) => {
      const { sessions } = deployed()
      const Cookie = pair((await signedIn(sessions, held)).cookie)
      const asked = sessions.authorizeRole(request('POST', { Cookie, ...own }), needed)
      if (ROLES.indexOf(held) >= ROLES.indexOf(needed)) expect(await asked).toMatchObject({ role: held })
      else await expect(asked).rejects.toMatchObject({ code: 'forbidden', details: { needed } })
    },
  )

  it.each(['POST', 'PUT', 'DELETE', 'PATCH'])('%s by a cookie has to come from the same origin', async (method) => {
    const { sessions } = deployed()
    const Cookie = pair((await signedIn(sessions)).cookie)
    const ask = (headers: { [name: string]: string }) =>
      sessions.authorizeRole(request(method, { Cookie, ...headers }), 'viewer')
    expect(await ask(own)).toMatchObject({ role: 'admin' })
    expect(await ask({ 'Sec-Fetch-Site': 'same-origin' })).toMatchObject({ role: 'admin' })
    for (const headers of [{}, { Origin: 'https://evil.example' }, { ...own, 'Sec-Fetch-Site': 'cross-site' }]) {
      await expect(ask(headers)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('page') })
    }
  })

  it.each(['GET', 'HEAD'])('%s by a cookie may come from a link elsewhere', async (method) => {
    const { sessions } = deployed()
    const Cookie = pair((await signedIn(sessions)).cookie)
    const headers = { Cookie, 'Sec-Fetch-Site': 'cross-site' }
    expect(await sessions.authorizeRole(request(method, headers), 'viewer')).toMatchObject({ role: 'admin' })
  })

  it('a token needs no origin, and is what counts where there is a cookie, too', async () => {
    const { sessions } = deployed()
    const Cookie = pair((await signedIn(sessions)).cookie)
    const bearer = (token: string) => request('POST', { Cookie, Authorization: `Bearer ${token}` })
    const asked = await sessions.authorizeRole(bearer(TOKENS.operatorToken), 'viewer')
    expect(asked).toStrictEqual({ name: 'operator-token', role: 'operator' })
    const refused = sessions.authorizeRole(bearer('wrong'), 'viewer')
    await expect(refused).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(await sessions.session(bearer(TOKENS.adminToken))).toBeNull()
    await expect(sessions.authorizeRole(bearer(TOKENS.viewerToken), 'admin')).rejects.toThrow('role viewer')
  })

  it('a cookie is nobody to records and to tools', async () => {
    const { sessions } = deployed()
    const asked = request('GET', { Cookie: pair((await signedIn(sessions)).cookie), ...own })
    expect(await sessions.identify(asked)).toStrictEqual({ kind: 'anonymous' })
    for (const access of ['read', 'write'] as const) {
      await expect(sessions.authorizeData(asked, access)).rejects.toMatchObject({ code: 'unauthenticated' })
    }
  })

  it('a session that is over is told nothing that none is not', async () => {
    const { sessions, clock } = deployed()
    const Cookie = pair((await signedIn(sessions)).cookie)
    clock.time += 13 * HOUR
    const said = async (headers: { [name: string]: string }) =>
      sessions.authorizeRole(request('POST', headers), 'viewer').catch((error) => [error.code, error.message])
    expect(await said({ Cookie })).toStrictEqual(await said({}))
    expect(await said({ Cookie: '__Host-cutover=1.admin' })).toStrictEqual(await said({}))
  })
})
