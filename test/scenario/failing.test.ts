import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reachStage } from './reach-stage.js'
import { type RunningApp, runApp } from './running-app.js'

/** Failing well over the real parts: HTTP, the gateway that stands in for Upstash, files, every surface wired. */
const ADMIN = 'admin-token-16-long'
const RECORDS = 40

let app: RunningApp
beforeAll(async () => {
  const records = Object.fromEntries(Array.from({ length: RECORDS }, (_, n) => [`p${n}`, { id: `p${n}`, name: 'a' }]))
  const env = {
    ...{ CUTOVER_ADMIN_TOKEN: ADMIN, CUTOVER_CACHE_MS: '60000', CUTOVER_COMPARE_SHARE: '0' },
    ...{ CUTOVER_REDIS_TIMEOUT_MS: '300', CUTOVER_LEAVE_BEHIND: 'false', CUTOVER_METER_FLUSH_MS: '600000' },
  }
  app = await runApp({ 'projects.json': JSON.stringify(records) }, env)
}, 60_000)
afterAll(() => app?.close())

function ask(method: string, path: string, headers: { [name: string]: string } = {}, body?: object): Promise<Response> {
  return fetch(app.url + path, {
    method,
    headers: { Authorization: `Bearer ${ADMIN}`, 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

const record = (n: number): string => `/api/v1/projects/p${n}`

async function nameOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { name: string }).name
}

describe('the cache, over HTTP', () => {
  it('answers nobody who has not asked for it', async () => {
    await ask('GET', record(1))
    const again = await ask('GET', record(1))
    expect([
      again.headers.get('cutover-cache'),
      again.headers.get('age'),
      again.headers.get('cutover-session'),
    ]).toEqual([...[null, null, null]])
  })

  it('answers a session with nothing older than what it has seen', async () => {
    const first = await ask('GET', record(2), { 'Cutover-Session': 'new' })
    const session = first.headers.get('cutover-session') ?? ''
    const kept = await ask('GET', record(2), { 'Cutover-Session': session })
    expect([kept.headers.get('cutover-cache'), kept.headers.get('age')]).toEqual(['hit', '0'])
    const { wired } = app
    const written = await wired.dataPlane.get('projects', 'p2')
    expect(written.kind).toBe('found')
    const put = await ask('PUT', record(2), { 'Cutover-Session': session }, { id: 'p2', name: 'b' })
    const after = put.headers.get('cutover-session') ?? ''
    expect(after).not.toBe(session)
    expect(await nameOf(await ask('GET', record(2), { 'Cutover-Session': after }))).toBe('b')
    const listed = await ask('GET', '/api/v1/projects?limit=30', { 'Cutover-Session': after })
    expect(listed.headers.get('cutover-session')).toMatch(/^1;/)
  })

  it('answers an age, and never beyond no-cache', async () => {
    await ask('GET', record(3))
    const hit = await ask('GET', record(3), { 'Cache-Control': 'max-age=30' })
    expect(hit.headers.get('cutover-cache')).toBe('hit')
    for (const control of ['max-age=0, no-cache', 'no-store', 'no-cache, max-stale'])
      expect((await ask('GET', record(3), { 'Cache-Control': control })).headers.get('cutover-cache')).toBeNull()
  })

  it('refuses a session that it never gave', async () => {
    const refused = await ask('GET', record(3), { 'Cutover-Session': 'abc' })
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([400, 'invalid-input'])
  })
})

describe('copies to the target in dualwrite, counted at the gateway', () => {
  it('are far fewer requests than writes, when these come together', async () => {
    await reachStage(app.wired, 'dualwrite')
    await ask('PUT', record(0), {}, { id: 'p0', name: 'first' })
    await app.wired.drained()
    app.stack.redis.resetStats()
    await Promise.all(
      Array.from({ length: RECORDS }, (_, n) => ask('PUT', record(n), {}, { id: `p${n}`, name: 'together' })),
    )
    await app.wired.drained()
    const together = app.stack.redis.stats().commandsByName
    expect((together.EVALSHA ?? 0) + (together.EVAL ?? 0)).toBeLessThan(RECORDS / 2)
    const target = (await app.wired.control()).collections[0]?.target
    for (let n = 0; n < RECORDS; n++) {
      const copy = (await target?.partitions[0]?.get(`p${n}`))?.copy
      expect([n, copy?.value]).toMatchObject([n, { name: 'together' }])
    }
  }, 30_000)
})

describe('the target goes silent in live', () => {
  it('costs a few requests their time limit; then reads come from the source at once, and the breaker closes again', async () => {
    await reachStage(app.wired, 'live')
    app.stack.redis.outage(true)
    for (let n = 0; n < 6; n++) await ask('GET', record(n))
    const { items } = (await (await ask('GET', '/api/migration/breakers')).json()) as {
      items: { store: string; here: { state: string }; shared: unknown; forced: unknown }[]
    }
    const target = items.find(({ store }) => store === 'target')
    expect(target).toMatchObject({ here: { state: expect.stringMatching(/open/) }, forced: 'unreachable' })
    const began = performance.now()
    for (let n = 0; n < RECORDS; n++) {
      const read = await ask('GET', record(n), { 'Cache-Control': 'no-cache' })
      expect([read.status, read.headers.get('cutover-served-by')]).toEqual([200, 'source'])
    }
    expect(performance.now() - began).toBeLessThan(RECORDS * 300)
    const refused = await ask('PUT', record(1), {}, { id: 'p1', name: 'never' })
    const problem = (await refused.json()) as { code: string; details?: { notSent?: string } }
    expect([refused.status, problem.code, JSON.stringify(problem)]).toMatchObject([
      503,
      'unavailable',
      expect.stringContaining('circuit-open'),
    ])
    expect(await readdir(join(app.dir, 'cutover'))).toContain('breaker-target.json')
    app.stack.redis.outage(false)
    const deadline = Date.now() + 40_000
    let servedBy: string | null = null
    while (servedBy !== 'target' && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200))
      servedBy = (await ask('GET', record(1), { 'Cache-Control': 'no-cache' })).headers.get('cutover-served-by')
    }
    expect(servedBy).toBe('target')
    expect(await nameOf(await ask('GET', record(1)))).toBe('together')
  }, 90_000)

  it('an operator may leave it alone, and have it asked again; both are in the trail', async () => {
    const forced = await ask('POST', '/api/migration/breakers/target/force-open', {}, { reason: 'maintenance' })
    expect(forced.status).toBe(200)
    expect((await ask('GET', record(4), { 'Cache-Control': 'no-cache' })).headers.get('cutover-served-by')).toBe(
      'source',
    )
    const health = (await (await fetch(`${app.url}/api/health`)).json()) as { issues: string[] }
    expect(health.issues.join(' ')).toContain('left alone by order of admin-token: maintenance')
    await ask('POST', '/api/migration/breakers/target/reset', {}, { reason: 'done' })
    expect((await ask('GET', record(4), { 'Cache-Control': 'no-cache' })).headers.get('cutover-served-by')).toBe(
      'target',
    )
    const trail = (await (await ask('GET', '/api/migration/audit?limit=20')).json()) as { items: { action: string }[] }
    const actions = trail.items.map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['force-breaker-open', 'reset-breaker']))
  }, 30_000)
})
