import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { isJsonObject } from '../../lib/core/json.js'
import { BASE, type Deployment, deployment, SECRETS } from './deployment.js'
import { hostileValue, mutatedBytes, mutatedJson } from './json.js'
import { holdsAsync } from './law.js'
import { expectNoSecrets, expectProblem, headersText, type Seen, seen } from './problems.js'
import { hostileHeader, hostileText } from './texts.js'

let deployed: Deployment

beforeAll(async () => {
  deployed = await deployment()
})

/** Beside the described ones: doors of machines, pages, and paths that are nobody's or look like another's. */
const PATHS = [
  '/',
  '//',
  '/docs',
  '/openapi.json',
  '/api/health',
  '/api/health/',
  '/api',
  '/api/v1',
  '/api/v1/',
  '/api/v1/projects/',
  '/api/v1//r0001',
  '/api/v1/projects/r0001/',
  '/api/v1/projects/r0001/more',
  '/api/v1/%70rojects/r0001',
  '/API/V1/projects/r0001',
  '/api/v1/projects/%2e%2e',
  '/api/v1/projects/..%2f..%2fapi%2fmigration',
  '/api/v1/projects/%2e%2e%2fresources',
  '/api/v1/projects/%ff',
  '/api/v1/projects/%',
  '/api/v1/projects/%00',
  '/api/v1/projects/%ed%a0%80',
  '/api/v1/projects/%c0%ae',
  '/api/v1/projects/a%2Fb',
  '/api/v1/projects/a%252Fb',
  '/api/v1/projects/__proto__',
  '/api/v1/__proto__/x',
  '/api/v1/constructor',
  '/api/v1/projects;/r0001',
  '/api/v1/projects\\r0001',
  '/api/v1/projects/r0001?x=1#y',
  '/api/migration',
  '/api/migration/',
  '/api/migration/collections/projects',
  '/api/migration/collections/projects/advance/',
  '/api/migration/collections/%2e%2e/advance',
  '/api/migration/collections/projects%2fadvance',
  '/api/migration/../jobs/run',
  '/api/jobs',
  '/api/jobs/run',
  '/api/jobs/tick',
  '/api/jobs/run%20',
  '/api/cron/tick',
  '/api/cron/',
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-protected-resource',
  '/mcp/',
  '/mcp/x',
  '/favicon.ico',
  '/.env',
  '/public/../package.json',
] as const

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'get', 'QUERY', 'x'] as const

interface Sent {
  method: string
  path: string
  headers: [string, string][]
  body: Uint8Array<ArrayBuffer> | null
}

const name = fc.constantFrom(
  'Authorization',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'Idempotency-Key',
  'Upstash-Signature',
  'X-Request-Id',
  'Origin',
  'Accept-Encoding',
  'X-Forwarded-For',
  'Content-Encoding',
)
const value = fc.oneof(
  hostileHeader,
  fc.constantFrom(`Bearer ${SECRETS.admin}`, `Bearer ${SECRETS.cron}`, `bearer   ${SECRETS.api}`, 'application/json'),
)
const sent: fc.Arbitrary<Sent> = fc.record({
  method: fc.constantFrom(...METHODS),
  path: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...PATHS) },
    hostileText.map((text) => `/${text.toWellFormed()}`),
    hostileText.map((text) => `/api/v1/projects/${text.toWellFormed()}`),
  ),
  headers: fc.array(fc.tuple(name, value), { maxLength: 4 }),
  body: fc.option(mutatedBytes(mutatedJson(hostileValue))),
})

test('all other paths and methods: no fault of the server, a problem document for each refusal, and no trace', async () => {
  let before = await deployed.state()
  await holdsAsync(sent, 600, async (one) => {
    const answer = await seen(await deployed.app.request(requestOf(one)))
    const after = await deployed.state()
    expectNoSecrets(headersText(answer.headers) + answer.text)
    expect(answer.headers.get('x-request-id')).toMatch(/^[\w.:-]{1,128}$/)
    if (answer.status >= 400) {
      judge(one, answer)
      if (answer.status < 500) expect(after).toBe(before)
    }
    if (['GET', 'HEAD', 'OPTIONS'].includes(one.method) && !one.path.includes('cron')) expect(after).toBe(before)
    before = after
  })
  expectNoSecrets(JSON.stringify(deployed.log.entries))
  expect(deployed.log.entries.filter(({ level }) => level === 'error')).toEqual([])
})

function judge({ method, path }: Sent, answer: Seen): void {
  const pathname = new URL(BASE + path).pathname
  // HTTP gives the answer to HEAD no body; which answer it would be is said by the same GET.
  if (method === 'HEAD') expect(answer.status).toBeLessThan(500)
  else if (pathname === '/api/health') expect(isJsonObject(answer.body)).toBe(true)
  else if (pathname === '/mcp') expect(answer.body).toMatchObject({ jsonrpc: '2.0' })
  else expectProblem(answer)
}

function requestOf({ method, path, headers, body }: Sent): Request {
  const init = new Headers()
  for (const [header, text] of headers) {
    try {
      init.append(header, text)
    } catch {
      // No client can send it; over a socket others are tried.
    }
  }
  const mayHaveBody = !/^(?:get|head)$/i.test(method) && body !== null
  return new Request(BASE + path, { method, headers: init, ...(mayHaveBody ? { body } : {}) })
}

test('a method that a path does not take is answered with those that it takes', async () => {
  for (const [path, method] of [
    ['/api/v1/projects', 'POST'],
    ['/api/v1/projects/r0001', 'POST'],
    ['/api/migration/collections/projects/advance', 'GET'],
    ['/api/jobs/run', 'GET'],
    ['/api/cron/tick', 'POST'],
    ['/api/health', 'DELETE'],
    ['/openapi.json', 'PUT'],
  ] as const) {
    const answer = await seen(await deployed.app.request(BASE + path, { method }))
    expect(answer.status).toBe(405)
    expectProblem(answer)
    expect(answer.headers.get('allow')).toMatch(/^[A-Z]+(, [A-Z]+)*$/)
  }
})

test('what is too large is refused, whether it says so or not, and nothing is kept of it', async () => {
  const before = await deployed.state()
  const large = new TextEncoder().encode(`{"id":"big","name":"${'x'.repeat(1_100_000)}"}`)
  const headers = { Authorization: `Bearer ${SECRETS.admin}`, 'Content-Type': 'application/json' }
  for (const [method, path] of [
    ['PUT', '/api/v1/projects/big'],
    ['POST', '/api/migration/collections/projects/advance'],
    ['POST', '/api/jobs/run'],
  ] as const) {
    for (const claimed of [undefined, '0', '5', String(large.length), '-1', 'x']) {
      const body = new Blob([large]).stream()
      const claims = claimed === undefined ? headers : { ...headers, 'Content-Length': claimed }
      const init = { method, body, headers: claims, duplex: 'half' } as RequestInit
      const answer = await seen(await deployed.app.request(new Request(BASE + path, init)))
      expect(answer.status).toBe(413)
      expectProblem(answer)
    }
  }
  expect(await deployed.state()).toBe(before)
})

/** Numbers that a schema might take for sound, and that nothing can be waited or counted for. */
test.each([
  ['collections/projects/backfill', { recordsPerSecondMax: 5e-324 }],
  ['collections/projects/clean-up', { reason: 'r', quietMs: Number.MAX_SAFE_INTEGER }],
  ['plans', { reason: 'r', timeScale: 5e-324 }],
  ['plans', { reason: 'r', timeScale: 1e300 }],
])('%s refuses %o', async (path, body) => {
  const headers = { Authorization: `Bearer ${SECRETS.admin}`, 'Content-Type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await seen(await deployed.app.request(`${BASE}/api/migration/${path}`, init))
  expect(answer.status).toBe(400)
  expectProblem(answer)
})
