import { connect } from 'node:net'
import { serve } from '@hono/node-server'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Deployment, deployment, SECRETS } from './deployment.js'
import { holdsAsync } from './law.js'
import { expectNoSecrets } from './problems.js'

/**
 * Over a socket, where a client can say what no HTTP library would let it say. What Node itself refuses (400, 408, 431,
 * 505, or a closed connection) is no concern of ours; what reaches the app is.
 */
let deployed: Deployment
let port = 0
let close: () => Promise<void>
const faults: unknown[] = []

beforeAll(async () => {
  deployed = await deployment()
  const server = serve({ fetch: deployed.app.fetch, port: 0, hostname: '127.0.0.1' }, (address) => {
    port = address.port
  })
  await new Promise<void>((resolve) => (server.listening ? resolve() : server.once('listening', resolve)))
  process.on('unhandledRejection', noteFault)
  process.on('uncaughtException', noteFault)
  close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
})

afterAll(async () => {
  process.off('unhandledRejection', noteFault)
  process.off('uncaughtException', noteFault)
  await close()
})

function noteFault(error: unknown): void {
  faults.push(error)
}

const BODY = '{"id":"w","name":"From the wire"}'
const AUTHORIZED = `Authorization: Bearer ${SECRETS.admin}`

const line = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('PUT /api/v1/projects/w HTTP/1.1', 'GET /api/v1/projects HTTP/1.1') },
  fc.constantFrom(
    'TRACE /api/v1/projects HTTP/1.1',
    'CONNECT example.com:443 HTTP/1.1',
    'OPTIONS * HTTP/1.1',
    'GET http://elsewhere.test/api/v1/projects HTTP/1.1',
    'GET //elsewhere.test/api/v1/projects HTTP/1.1',
    'GET /api/v1/projects HTTP/1.0',
    'GET /api/v1/projects HTTP/9.9',
    'GET /api/v1/projects/../../../etc/passwd HTTP/1.1',
    'GET /api/v1/projects/\u00ff HTTP/1.1',
    'GET /api/v1/projects/a b HTTP/1.1',
    `GET /${'x'.repeat(9_000)} HTTP/1.1`,
    `GET /api/v1/projects/${'x'.repeat(60_000)} HTTP/1.1`,
    'GET \\api HTTP/1.1',
    'GET ? HTTP/1.1',
    'POST /mcp HTTP/1.1',
    'POST /api/jobs/run HTTP/1.1',
    'BREW /api/v1/projects HTTP/1.1',
    'PUT /api/v1/projects/w',
    '\u0000',
  ),
)

const header = fc.constantFrom(
  AUTHORIZED,
  AUTHORIZED,
  'Host: cutover.test',
  'Host: cutover.test',
  'Host: a b',
  'Host: evil.test/path?',
  'Host: ',
  'Host: [::1',
  'Host: x@y',
  'Content-Type: application/json',
  'Content-Type: application/json',
  `Content-Length: ${BODY.length}`,
  `Content-Length: ${BODY.length}`,
  'Content-Length: 5',
  'Content-Length: 999999999',
  'Content-Length: -1',
  'Content-Length: 1e3',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity, chunked',
  'Expect: 100-continue',
  'Expect: what',
  'Connection: close',
  'Upgrade: websocket\r\nConnection: Upgrade',
  'If-Match: "1"\r\nIf-Match: "2"',
  'Idempotency-Key: a\r\nIdempotency-Key: b',
  'Authorization: Basic eDp5',
  'Cookie: \u00ff\u00fe',
  ' folded: x',
  'no colon',
  'Content-Encoding: gzip',
  'Accept: text/html',
  `X-Long: ${'x'.repeat(20_000)}`,
  ...[Array.from({ length: 3_000 }, (_, at) => `X-${at}: ${at}`).join('\r\n')],
)

const body = fc.constantFrom(
  BODY,
  '',
  BODY.slice(0, 9),
  `5\r\n{"id"\r\nzz\r\n`,
  `21\r\n${BODY}\r\n0\r\n\r\n`,
  '\u0000\u00ff',
)

test('whatever is written to the socket, the server lives on and no answer is a fault of ours', async () => {
  const message = fc.tuple(line, fc.array(header, { maxLength: 6 }), body).map(([first, headers, rest]) => {
    return `${[first, ...headers].join('\r\n')}\r\n\r\n${rest}`
  })
  const statuses = new Set<string>()
  // Several at once, since most of the time is spent in waiting for nothing.
  await holdsAsync(fc.array(message, { minLength: 10, maxLength: 10 }), 40, async (messages) => {
    for (const text of await Promise.all(messages.map((one) => exchange(one)))) {
      for (const [, status = ''] of text.matchAll(/^HTTP\/1\.\d (\d{3})/gm)) {
        // 505 is said by Node of versions of HTTP that it does not speak.
        if (status !== '505') expect(Number(status), text.slice(0, 500)).toBeLessThan(500)
        statuses.add(status)
      }
      expectNoSecrets(text)
    }
  })
  expect(statuses.size).toBeGreaterThan(1)
  const sound = ['PUT /api/v1/projects/w HTTP/1.1', 'Host: x', AUTHORIZED, 'Content-Type: application/json']
  const whole = `${[...sound, `Content-Length: ${BODY.length}`].join('\r\n')}\r\n\r\n${BODY}`
  expect(await exchange(whole, 10_000)).toMatch(/^HTTP\/1\.1 20[01] /)
  const alive = await fetch(`http://127.0.0.1:${port}/api/v1/projects`, {
    headers: { Authorization: `Bearer ${SECRETS.api}` },
  })
  expect(alive.status).toBe(200)
  expect(faults).toEqual([])
  expectNoSecrets(JSON.stringify(deployed.log.entries))
  expect(deployed.log.entries.filter(({ level }) => level === 'error')).toEqual([])
})

test('a request that breaks off leaves no record behind, at whichever byte it breaks', async () => {
  const head = ['PUT /api/v1/projects/broken HTTP/1.1', 'Host: x', AUTHORIZED, 'Content-Type: application/json']
  const whole = `${[...head, `Content-Length: ${BODY.length}`].join('\r\n')}\r\n\r\n${BODY.replace('"w"', '"b"')}`
  const before = await deployed.state()
  const cuts = Array.from({ length: Math.ceil(whole.length / 7) }, (_, at) => whole.slice(0, at * 7))
  await Promise.all(cuts.map((cut) => exchange(cut)))
  expect(await deployed.state()).toBe(before)
  expect(faults).toEqual([])
})

/** Writes, and reads until the server ends the connection or falls silent. */
function exchange(text: string, silenceMs = SILENCE_MS): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    const done = (): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(silenceMs, done)
    socket.on('data', (piece) => {
      answer += piece.toString('latin1')
      socket.setTimeout(AFTER_ANSWER_MS, done)
    })
    socket.on('error', done)
    socket.on('close', done)
    // Its own side stays open: to Node a client that has hung up wants no answer.
    socket.write(Buffer.from(text, 'latin1'))
  })
}

const SILENCE_MS = 300
const AFTER_ANSWER_MS = 30
