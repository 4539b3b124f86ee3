import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { CutoverError, type ErrorCode } from '../../lib/core/error.js'
import { openapiDocument } from '../../lib/http/openapi.js'
import { codeOf, dataApp } from './harness.js'

describe('errors', () => {
  const statuses: { [code in ErrorCode]: number } = {
    'invalid-input': 400,
    'too-large': 413,
    unauthenticated: 401,
    forbidden: 403,
    'not-found': 404,
    'precondition-failed': 412,
    conflict: 409,
    'idempotency-mismatch': 422,
    contended: 503,
    unavailable: 503,
    'outcome-unknown': 503,
    'corrupt-document': 500,
    configuration: 500,
    internal: 500,
  }

  it.each(Object.entries(statuses) as [ErrorCode, number][])(
    '%s is status %i, as a problem document',
    async (code, status) => {
      const { send, dataPlane } = dataApp()
      dataPlane.failure = new CutoverError(code, 'A sentence.', { details: { at: '$.a' } })
      const answer = await send('GET', '/api/v1/projects/a', undefined, { 'X-Request-Id': 'mine-1' })
      expect(answer.headers.get('x-request-id')).toBe('mine-1')
      expect(answer.headers.get('cache-control')).toBe('no-store')
      expect(answer.headers.has('retry-after')).toBe(status === 503)
      expect(answer.headers.has('www-authenticate')).toBe(status === 401)
      expect(await answer.json()).toStrictEqual({
        type: `urn:cutover:problem:${code}`,
        title: expect.any(String),
        status,
        detail: 'A sentence.',
        code,
        details: { at: '$.a' },
        requestId: 'mine-1',
      })
    },
  )

  it('that nobody expected show and log nothing that was sent', async () => {
    const { send, dataPlane, log } = dataApp()
    dataPlane.failure = new TypeError('cannot store {"secret":"payload"}')
    const answer = await send('GET', '/api/v1/projects/a', undefined, { 'X-Request-Id': 'no good id' })
    const text = await answer.text()
    expect([answer.status, JSON.parse(text).code]).toStrictEqual([500, 'internal'])
    const { requestId } = JSON.parse(text) as { requestId: string }
    expect(requestId).toBe('00000000-0000-4000-8000-000000000001')
    expect(log.entries).toHaveLength(1)
    expect(log.entries[0]).toMatchObject({ level: 'error', fields: { requestId, error: 'TypeError', status: 500 } })
    expect(log.entries[0]?.fields.stack).toContain('app.test.ts')
    expect(text + JSON.stringify(log.entries)).not.toContain('payload')
  })

  it('of the caller are debug, those of a store info', async () => {
    const { send, dataPlane, log } = dataApp()
    await send('GET', '/api/v1/projects/absent')
    dataPlane.failure = new CutoverError('unavailable', 'Not now.')
    await send('GET', '/api/v1/projects/absent')
    expect(log.entries.map((entry) => [entry.level, entry.fields.code])).toStrictEqual([
      ['debug', 'not-found'],
      ['info', 'unavailable'],
    ])
  })
})

describe('paths', () => {
  it.each(['/', '/mcp', '/openapi.json', '/api', '/api/v1', '/api/migration/collections', '/api/jobs/x', '/%zz'])(
    '%s that nothing serves is 404',
    async (path) => expect(await codeOf(dataApp().send('GET', path))).toBe('404 not-found'),
  )

  it.each([
    ['POST', '/api/v1/projects', 'GET, HEAD'],
    ['POST', '/api/v1/projects/a%2Fb', 'GET, HEAD, PUT, PATCH, DELETE'],
    ['DELETE', '/api/health', 'GET, HEAD'],
  ])('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const answer = await dataApp().send(method, path)
    expect(answer.headers.get('allow')).toBe(allow)
    expect(await codeOf(answer)).toBe('405 invalid-input')
  })

  it('lead to the parts that were given', async () => {
    const part = (path: string) => new Hono().all(path, (c) => c.text(path))
    const { send } = dataApp({
      jobs: part('/api/jobs/step'),
      cron: part('/api/cron/tick'),
      dashboard: part('/'),
      mcp: (c) => c.text(`mcp ${c.req.method}`),
    })
    for (const path of ['/api/jobs/step', '/api/cron/tick', '/']) {
      expect(await (await send('POST', path)).text()).toBe(path)
    }
    expect(await (await send('DELETE', '/mcp')).text()).toBe('mcp DELETE')
    expect((await send('GET', '/api/v1/projects')).status).toBe(200)
  })
})

describe('health', () => {
  it.each([
    [async () => ({ healthy: true, issues: [] }), 200, { healthy: true, issues: [] }],
    [async () => ({ healthy: false, issues: ['No source.'] }), 503, { healthy: false, issues: ['No source.'] }],
    [
      async () => Promise.reject(new CutoverError('unavailable', 'The ledger cannot answer.')),
      503,
      { healthy: false, issues: ['The ledger cannot answer.'] },
    ],
  ])('case %#', async (health, status, body) => {
    const answer = await dataApp({ health }).send('GET', '/api/health')
    expect([answer.status, await answer.json()]).toStrictEqual([status, body])
  })
})

describe('the description', () => {
  it('is made once, and its page holds nothing from elsewhere', async () => {
    let made = 0
    const openapi = () => {
      made++
      return openapiDocument({ commands: [], schemas: {}, version: '1.2.3' })
    }
    const { send } = dataApp({ openapi })
    expect(made).toBe(0)
    expect(await (await send('GET', '/openapi.json')).json()).toMatchObject({ info: { version: '1.2.3' } })
    const page = await send('GET', '/docs')
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    const html = await page.text()
    expect(html).toContain('GET')
    expect(html).not.toMatch(/https?:|<script/)
    expect(made).toBe(1)
  })
})
