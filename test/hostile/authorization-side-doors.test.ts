import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { DOORS, doorOf, type Route } from './authorization-doors.js'
import { furnish, sampleOf } from './authorization-samples.js'
import { type Deployed, deploy, ENVIRONMENT, SECRETS } from './authorization-world.js'

/** Ways round the doors: other spellings of their paths, other methods, and the functions each by itself. */
let deployed: Deployed
let guarded: { route: Route; path: string }[]

beforeAll(async () => {
  deployed = await deploy()
  const furniture = await furnish(deployed)
  guarded = Object.entries(DOORS).flatMap(([name, door]) => {
    const [method = '', path = ''] = name.split(' ')
    const route = { method, path }
    return door.kind === 'public' || door.kind === 'mcp' ? [] : [{ route, path: sampleOf(route, door, furniture).path }]
  })
})

const SPELLINGS: { [how: string]: (path: string) => string } = {
  'with a slash at its end': (path) => `${path}/`,
  'with two slashes at its end': (path) => `${path}//`,
  'with two slashes at its start': (path) => `/${path}`,
  'with two slashes in it': (path) => path.replace('/api/', '/api//'),
  'in upper case': (path) => path.toUpperCase(),
  'with one letter in upper case': (path) => path.replace('/api', '/Api'),
  'with one letter escaped': (path) => path.replace('api', '%61pi'),
  'with its last letter escaped': (path) => path.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`),
  'with its last letter escaped twice': (path) => path.replace(/.$/, (last) => `%25${last.charCodeAt(0).toString(16)}`),
  'with its slashes escaped': (path) => path.replaceAll('/', '%2f').replace('%2f', '/'),
  'with a way round': (path) => path.replace('/api/', '/api/health/../'),
  'with an escaped way round': (path) => path.replace('/api/', '/api/health/%2e%2e/'),
  'with a way round through the docs': (path) => `/docs/..${path}`,
  'with a backslash': (path) => path.replace('/api/', '/api\\'),
  'with a semicolon': (path) => `${path};x=1`,
  'with a null byte': (path) => `${path}%00`,
  'with a line end': (path) => `${path}%0a`,
  'with a space': (path) => `${path}%20`,
  'with a dot': (path) => `${path}.`,
  'with a suffix': (path) => `${path}.json`,
  'below a health check': (path) => `/api/health${path}`,
  'after the description': (path) => `/openapi.json${path}`,
  'with a fragment': (path) => `${path}#/api/health`,
  'with a query that looks like a path': (path) => `${path}?/api/health`,
}

describe('a guarded path', () => {
  it.each(Object.keys(SPELLINGS))('%s lets nobody in', async (how) => {
    const spell = SPELLINGS[how] ?? ((path) => path)
    const faults: string[] = []
    for (const { route, path } of guarded) {
      const body = route.method === 'GET' || route.method === 'DELETE' ? undefined : {}
      const answer = await deployed.ask({ method: route.method, path: spell(path), body })
      const isRefused = [400, 401, 403, 404, 405].includes(answer.status) && !answer.touched
      if (!isRefused) faults.push(`${route.method} ${spell(path)}: ${answer.status}`)
    }
    expect(faults).toEqual([])
  })

  it.each(['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'LINK', 'get', 'GET ', 'X-GET'])(
    'by the method %s lets nobody in',
    async (method) => {
      for (const { path } of guarded) {
        const asked = deployed.ask({ method, path }).catch(() => null) // Request itself knows some of them, and throws
        const answer = await asked
        if (answer === null) continue
        expect([path, [401, 403, 404, 405].includes(answer.status), answer.touched]).toEqual([path, true, false])
        expect(answer.headers.has('access-control-allow-origin')).toBe(false)
      }
    },
  )

  it.each(['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-method'])(
    'with another method in %s is judged by the method that it has',
    async (name) => {
      const viewer = ['authorization', `Bearer ${SECRETS.viewer}`] as const
      for (const { route, path } of guarded.filter(({ route: { method } }) => method !== 'GET')) {
        const door = doorOf(route)
        // Flags are evaluated by POST, and change nothing.
        if (door.kind === 'queue' || (door.kind === 'records' && door.access === 'read')) continue
        const headers = [viewer, [name, 'GET']] as const
        const answer = await deployed.ask({ method: route.method, path: `${path}?_method=GET`, headers, body: {} })
        expect([route, answer.status, answer.touched]).toEqual([route, 403, false])
      }
      const headers = [viewer, [name, 'POST']] as const
      const listed = await deployed.ask({ method: 'GET', path: '/api/migration/collections', headers })
      expect(listed.status).toBe(200)
    },
  )

  it('tells nobody what there is: names that exist and names that do not are refused alike', async () => {
    for (const [one, other] of [
      ['/api/v1/projects', '/api/v1/nothing'],
      ['/api/v1/projects/a', '/api/v1/projects/absent'],
      ['/api/v1/projects/a', '/api/v1/projects/%zz'],
      ['/api/migration/collections/projects', '/api/migration/collections/nothing'],
      ['/api/migration/flags/migration_mode', '/api/migration/flags/nothing'],
    ] as const) {
      const [known, unknown] = await Promise.all([one, other].map((path) => deployed.ask({ method: 'GET', path })))
      expect([known?.status, withoutId(known?.text)]).toEqual([401, withoutId(unknown?.text)])
    }
  })
})

describe('who did something', () => {
  it('is told by the token and by nothing that the request says of itself', async () => {
    const claims = [
      ['x-forwarded-user', 'ann'],
      ['x-role', 'admin'],
      ['from', 'ann@example.com'],
      ['cookie', 'by=ann'],
    ] as const
    const change = (token: string, body: object) => {
      const headers = [...claims, ['authorization', `Bearer ${token}`]] as const
      return deployed.ask({ method: 'POST', path: '/api/migration/collections/resources/advance', headers, body })
    }
    expect((await change(SECRETS.operator, { reason: 'r', by: 'ann' })).status).toBe(400)
    expect((await change(SECRETS.viewer, { reason: 'r' })).status).toBe(403)
    expect((await change(SECRETS.operator, { reason: 'r', to: 'dualwrite' })).status).toBe(200)
    const { items } = await deployed.at.context.ledger.entries('audit', { newestFirst: true, limit: 1 })
    expect(items[0]?.value).toMatchObject({ by: 'operator-token', action: 'advance-stage', collection: 'resources' })
    expect(JSON.stringify(items)).not.toContain('ann')
  })
})

function withoutId(text = ''): string {
  return text.replace(/"requestId":"[^"]*"/, '')
}

describe('the functions', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.resetModules()
  })

  it('serve together what the whole app serves, and not a route more', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'cutover-doors-'))
    for (const [name, value] of Object.entries({ ...ENVIRONMENT, CUTOVER_SOURCE_DIR: dir })) vi.stubEnv(name, value)
    const api = join(import.meta.dirname, '../../api')
    const routes = new Set<string>()
    for (const file of readdirSync(api).filter((name) => name.endsWith('.ts'))) {
      const { default: app } = (await import(join(api, file))) as { default: Hono }
      const served = app.routes.filter(({ method, path }) => !(method === 'ALL' && path === '/*'))
      for (const route of served) {
        expect(doorOf(route)).toBeDefined()
        routes.add(`${route.method} ${route.path}`)
      }
      expect([file, app.routes.length - served.length]).toEqual([file, 2])
      // Its own path, by which the platform knows it, is nobody's door.
      for (const method of ['GET', 'POST']) {
        expect((await app.request(`http://x/api/${file.replace('.ts', '')}`, { method })).status).toBe(404)
      }
    }
    expect([...routes].sort()).toEqual(Object.keys(DOORS).sort())
    await rm(dir, { recursive: true })
  })
})
