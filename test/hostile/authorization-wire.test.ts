import { connect } from 'node:net'
import { type ServerType, serve } from '@hono/node-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Deployed, deploy, SECRETS } from './authorization-world.js'
import { BODY, genuine } from './signatures-tokens.js'

/** The doors over a real connection, where requests can be written that no client library would send. */
let deployed: Deployed
let server: ServerType
let port: number

beforeAll(async () => {
  deployed = await deploy()
  port = await new Promise<number>((resolve) => {
    server = serve({ fetch: deployed.app.fetch, port: 0, hostname: '127.0.0.1' }, (at) => resolve(at.port))
  })
})
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve))
})

/** Sends lines as they are; answers the status of every answer on the connection, until the server closes it. */
function send(lines: readonly string[], body = ''): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.setEncoding('latin1')
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer')))
    socket.on('data', (data) => {
      text += data
    })
    socket.on('error', reject)
    socket.on('close', () => resolve([...text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))))
    socket.write(`${lines.join('\r\n')}\r\nConnection: close\r\n\r\n${body}`, 'latin1')
  })
}

const LIST = 'GET /api/migration/collections HTTP/1.1'
const admin = `Authorization: Bearer ${SECRETS.admin}`

describe('over a connection', () => {
  it('a token is known, and is nobody’s when it is wrong', async () => {
    expect(await send([LIST, 'Host: x', admin])).toEqual([200])
    expect(await send([LIST, 'Host: x', `${admin}x`])).toEqual([401])
  })

  it.each([
    ['a wrong one and a right one', ['Authorization: Bearer wrong', admin]],
    ['a right one twice', [admin, admin]],
    ['an empty one and a right one', ['Authorization:', admin]],
    ['a wrong one, its name in lower case, and a right one', ['authorization: Bearer wrong', admin]],
  ])('two headers (%s) are nobody', async (_, headers) => {
    const before = deployed.touched.length
    expect(await send([LIST, 'Host: x', ...headers])).toEqual([401])
    expect(deployed.touched.length).toBe(before)
  })

  it.each([
    ['a header folded over two lines', ['Authorization: Bearer', ` ${SECRETS.admin}`]],
    ['a space before the colon', [`Authorization : Bearer ${SECRETS.admin}`]],
    ['a null byte in the header', [`Authorization: Bearer ${SECRETS.admin}\0`]],
    ['an escape in the header', [`Authorization: Bearer ${SECRETS.admin}\u001b`]],
  ])('%s is no request, or nobody’s', async (_, headers) => {
    const before = deployed.touched.length
    const [status = 400] = await send([LIST, 'Host: x', ...headers])
    expect([400, 401]).toContain(status)
    expect(deployed.touched.length).toBe(before)
  })

  it.each([
    'GET http://127.0.0.1/api/migration/collections HTTP/1.1',
    'GET https://user:password@cutover.example/api/migration/collections HTTP/1.1',
    'GET //evil.example/api/migration/collections HTTP/1.1',
    'GET /api/health/../migration/collections HTTP/1.1',
    'GET /api/%6digration/collections HTTP/1.1',
    'GET /api/migration\\collections HTTP/1.1',
    'GET /api/migration/collections?x=/api/health HTTP/1.1',
    'GET * HTTP/1.1',
  ])('%s without a token reads nothing', async (line) => {
    const before = deployed.touched.length
    const [status = 400] = await send([line, 'Host: cutover.example'])
    expect([400, 401, 404]).toContain(status)
    expect(deployed.touched.length).toBe(before)
  })

  it('a request hidden in the body of another is not heard', async () => {
    const hidden = `${LIST}\r\nHost: x\r\n${admin}\r\n\r\n`
    const before = deployed.touched.length
    const both = [
      'POST /api/jobs/tick HTTP/1.1',
      'Host: x',
      'Transfer-Encoding: chunked',
      `Content-Length: ${hidden.length}`,
    ]
    expect(await send(both, `0\r\n\r\n${hidden}`)).not.toContain(200)
    expect(
      await send(['GET /api/migration/audit HTTP/1.1', 'Host: x', `Content-Length: ${hidden.length}`], hidden),
    ).toEqual([401])
    expect(deployed.touched.length).toBe(before)
  })

  it('a delivery is let in by its one signature, and not by two', async () => {
    const length = `Content-Length: ${BODY.length}`
    const post = ['POST /api/jobs/run HTTP/1.1', 'Host: evil.example', 'X-Forwarded-Host: evil.example', length]
    const signature = `Upstash-Signature: ${genuine()}`
    expect(await send([...post, signature], BODY)).toEqual([200])
    for (const other of [signature, 'Upstash-Signature:', 'Upstash-Signature: a.b.c']) {
      expect(await send([...post, signature, other], BODY)).toEqual([401])
      expect(await send([...post, other, signature], BODY)).toEqual([401])
    }
    const absolute = ['POST https://evil.example/api/jobs/run HTTP/1.1', 'Host: evil.example', length]
    const forEvil = `Upstash-Signature: ${genuine({ url: 'https://evil.example/api/jobs/run' })}`
    expect(await send([...absolute, forEvil], BODY)).toEqual([401])
  })
})
