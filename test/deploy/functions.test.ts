import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtFunctions } from '../../scripts/build/built.js'
import type { Launched } from '../../scripts/build/launch.js'
import { type Ask, deployed, ended, type Surroundings, surroundings, TOKENS } from './world.js'

/** Vercel's builder takes some 15 seconds on a quiet machine; later runs take its output from the cache. */
const BUILD_MS_MAX = 180_000

let around: Surroundings
let launched: Launched
let ask: Ask
let operate: Awaited<ReturnType<typeof deployed>>['operate']

beforeAll(async () => {
  around = await surroundings()
  ;({ launched, ask, operate } = await deployed({ env: around.env }))
}, BUILD_MS_MAX)

afterAll(async () => {
  await launched?.close()
  await around?.close()
})

it(
  'is built for the newest Node that Vercel offers',
  async () => {
    const config = await readFile(join(await builtFunctions(), 'data.func/.vc-config.json'), 'utf8')
    expect(JSON.parse(config)).toEqual({ handler: 'api/data.js', runtime: 'nodejs24.x' })
  },
  BUILD_MS_MAX,
)

describe('the data function', () => {
  it('creates, reads, changes and deletes a record under its ETag', async () => {
    const path = `/api/v1/projects/${encodeURIComponent('a/ü%')}`
    const created = await ask(path, { method: 'PUT', body: { name: 'One' }, headers: { 'if-none-match': '*' } })
    expect([created.status, created.json()]).toEqual([201, { id: 'a/ü%', name: 'One' }])
    const etag = created.headers.get('etag') ?? ''
    expect((await ask(path, { headers: { 'if-none-match': etag } })).status).toBe(304)
    const patched = await ask(path, { method: 'PATCH', body: { name: 'Two' }, headers: { 'if-match': etag } })
    expect([patched.status, patched.json()]).toEqual([200, { id: 'a/ü%', name: 'Two' }])
    const stale = await ask(path, { method: 'PATCH', body: { name: 'Three' }, headers: { 'if-match': etag } })
    expect([stale.status, stale.json().code]).toEqual([412, 'precondition-failed'])
    expect((await ask('/api/v1/projects?limit=10')).json().items).toHaveLength(1)
    expect((await ask(path, { method: 'DELETE' })).status).toBe(204)
    expect((await ask(path)).status).toBe(404)
  })

  it('does a write that comes twice with one Idempotency-Key once', async () => {
    const write = { method: 'PUT', body: { name: 'Once' }, headers: { 'idempotency-key': 'k-1' } }
    const [first, second] = [await ask('/api/v1/projects/once', write), await ask('/api/v1/projects/once', write)]
    expect([second.text, second.headers.get('etag')]).toEqual([first.text, first.headers.get('etag')])
  })

  it('asks for its token, and refuses bodies over the limit of a record', async () => {
    expect((await ask('/api/v1/projects', { token: null })).status).toBe(401)
    const large = await ask('/api/v1/projects/large', {
      method: 'PUT',
      body: { name: 'x', text: 'y'.repeat(1_000_001) },
    })
    expect([large.status, large.json().code]).toEqual([413, 'too-large'])
    expect(large.headers.get('content-type')).toContain('application/problem+json')
  })

  it('is not asked about bodies over the limit of the platform', async () => {
    const huge = await ask('/api/v1/projects/huge', { method: 'PUT', body: 'y'.repeat(4_800_000) })
    expect([huge.status, huge.headers.get('x-vercel-error')]).toEqual([413, 'FUNCTION_PAYLOAD_TOO_LARGE'])
  })
})

describe('the other functions', () => {
  it('says 404 as the platform does where nothing is deployed, and as a problem document inside a function', async () => {
    for (const path of ['/nothing', '/api', '/api/v2/projects', '/lib/wire.ts', '/api/_surfaces/data']) {
      const answer = await ask(path)
      expect([path, answer.status, answer.headers.get('x-vercel-error')]).toEqual([path, 404, 'NOT_FOUND'])
    }
    for (const path of ['/api/v1/nothing', '/api/migration/nothing', '/api/jobs/nothing', '/api/data', '/api/work']) {
      const answer = await ask(path)
      expect([path, answer.status, answer.json().code]).toEqual([path, 404, 'not-found'])
    }
  })

  it('serves the dashboard: a form to a stranger, the page to whoever is signed in, and its files', async () => {
    const stranger = await ask('/', { token: null })
    expect([stranger.status, stranger.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    expect(stranger.text).toContain('action="/api/session"')
    const signedIn = await ask('/api/session', {
      method: 'POST',
      token: null,
      headers: { origin: launched.url },
      body: { token: TOKENS.CUTOVER_VIEWER_TOKEN },
    })
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';')
    const page = await ask('/', { token: null, headers: { cookie } })
    expect(page.text).toContain('viewer-token')
    expect(page.text).toContain('id="collection-projects"')
    const files = [...page.text.matchAll(/(?:src|href)="(\/dashboard\/[^"]+)"/g)].map(([, path = '']) => path)
    const types: [path: string, status: number, type: string | null][] = []
    for (const path of files) {
      const { status, headers } = await ask(path, { token: null })
      types.push([path, status, headers.get('content-type')])
    }
    expect(types).toEqual([
      ['/dashboard/icon.svg', 200, 'image/svg+xml'],
      ['/dashboard/app.css', 200, 'text/css; charset=utf-8'],
      ['/dashboard/app.js', 200, 'text/javascript; charset=utf-8'],
    ])
  })

  it('serves the health check, the description and its page', async () => {
    const health = await ask('/api/health', { token: null })
    expect([health.status, health.json()]).toEqual([200, { healthy: true, issues: [] }])
    const description = (await ask('/openapi.json', { token: null })).json()
    expect(description).toMatchObject({ openapi: '3.1.0', paths: { '/api/v1/projects/{id}': {} } })
    expect((await ask('/docs', { token: null })).text).toContain('/api/v1/projects')
  })

  it('opens each control route to the role it needs', async () => {
    const list = (token: string | null) => ask('/api/migration/collections', { token })
    expect((await list(null)).status).toBe(401)
    expect((await list(TOKENS.CUTOVER_API_TOKEN)).status).toBe(403)
    const shown = await list(TOKENS.CUTOVER_VIEWER_TOKEN)
    expect(JSON.parse(shown.text)).toMatchObject([
      { collection: 'projects', stage: 'off' },
      { collection: 'resources' },
    ])
    const body = { reason: 'a viewer tries' }
    const advance = { method: 'POST', body, token: TOKENS.CUTOVER_VIEWER_TOKEN }
    const refused = await ask('/api/migration/collections/resources/advance', advance)
    expect([refused.status, refused.json().code]).toEqual([403, 'forbidden'])
  })

  it('runs the cron for whoever knows its secret', async () => {
    const statuses: number[] = []
    for (const token of [null, 'another-secret-of-the-test', TOKENS.CUTOVER_ADMIN_TOKEN]) {
      statuses.push((await ask('/api/cron/tick', { token })).status)
    }
    expect(statuses).toEqual([401, 401, 401])
    const done = await ask('/api/cron/tick', {
      token: TOKENS.CRON_SECRET,
      headers: { 'user-agent': 'vercel-cron/1.0' },
    })
    expect([done.status, done.json()]).toMatchObject([200, { watch: {}, plans: {} }])
  })

  it('refuses a job that the queue did not sign', async () => {
    const body = { runId: 'r', step: 1 }
    for (const headers of [{}, { 'upstash-signature': 'a.b.c' }]) {
      const forged = await ask('/api/jobs/run', { method: 'POST', token: null, body, headers })
      expect([forged.status, forged.json().code]).toEqual([401, 'unauthenticated'])
    }
  })
})

describe('the MCP function', () => {
  it.each(['2026-07-28', 'legacy'] as const)('serves an official client of the era %s', async (era) => {
    const mode = era === 'legacy' ? era : { pin: era }
    const client = new Client({ name: 'test', version: '0' }, { versionNegotiation: { mode } })
    const requestInit = { headers: { authorization: `Bearer ${TOKENS.CUTOVER_API_TOKEN}` } }
    await client.connect(new StreamableHTTPClientTransport(new URL(`${launched.url}/mcp`), { requestInit }))
    expect(client.getServerVersion()).toMatchObject({ name: 'cutover' })
    const tools = (await client.listTools()).tools.map(({ name }) => name)
    expect(tools).toContain('create_project')
    expect(tools).not.toContain('advance_stage')
    const record = { id: `by-mcp-${era}`, name: 'By MCP' }
    const { isError } = await client.callTool({ name: 'create_project', arguments: record })
    expect(isError ?? false).toBe(false)
    expect((await ask(`/api/v1/projects/${record.id}`)).json()).toEqual(record)
    await client.close()
  })

  it('says to a client without a token where to ask for one', async () => {
    const refused = await ask('/mcp', { method: 'POST', token: null, body: {} })
    const metadata = /resource_metadata="([^"]+)"/.exec(refused.headers.get('www-authenticate') ?? '')?.[1] ?? ''
    expect([refused.status, new URL(metadata).origin]).toEqual([401, launched.url])
    const shown = await ask(new URL(metadata).pathname, { token: null })
    expect(shown.json()).toMatchObject({ resource: `${launched.url}/mcp` })
  })
})

describe('a migration through the functions', () => {
  it('fills the target by signed deliveries of the queue, and serves from it', async () => {
    for (let number = 0; number < 30; number++) {
      await ask(`/api/v1/resources/r${number}`, { method: 'PUT', body: { projectId: 'p', name: `Resource ${number}` } })
    }
    await operate('resources/advance', { reason: 'test', to: 'shadow' })
    const { runId } = await operate('resources/backfill', { reason: 'test' })
    expect(await ended(ask, runId)).toMatchObject({ status: 'succeeded', progress: { done: 30 } })
    const jobs = launched.invocations.filter(({ path, status }) => path === '/api/jobs/run' && status === 200)
    expect(jobs.map(({ name }) => name)).toContain('work')
    await operate('resources/advance', { reason: 'test', to: 'live' })
    const read = await ask('/api/v1/resources/r7')
    const served = [read.headers.get('cutover-stage'), read.headers.get('cutover-served-by')]
    expect([served, read.json().name]).toEqual([['live', 'target'], 'Resource 7'])
  })

  it('has written nothing to disk and met no error', () => {
    const levels = launched
      .log()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    expect(levels.filter((line) => JSON.parse(line).level === 'error')).toEqual([])
    expect(launched.log()).not.toContain('ERR_ACCESS_DENIED')
    expect(launched.invocations.filter(({ status }) => status >= 500)).toEqual([])
  })
})
