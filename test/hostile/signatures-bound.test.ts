import { beforeAll, describe, expect, it } from 'vitest'
import { type Deployed, deploy, PUBLIC_URL } from './authorization-world.js'
import { deliver, refused } from './signatures-door.js'
import { BODY, claimsWith, forged, genuine, HEADER, URL_RUN, URL_TICK } from './signatures-tokens.js'

/** A genuine signature is good for one URL and one body, as the environment knows the one and the wire brought the other. */
let deployed: Deployed
beforeAll(async () => {
  deployed = await deploy()
})

describe('a signature for another URL is refused', () => {
  it.each([
    ['of another route', URL_TICK],
    ['of another host', 'https://evil.example/api/jobs/run'],
    ['of a host that begins alike', 'https://cutover.example.evil.example/api/jobs/run'],
    ['of another port', 'https://cutover.example:8443/api/jobs/run'],
    ['with the port that goes without saying', 'https://cutover.example:443/api/jobs/run'],
    ['of another scheme', 'http://cutover.example/api/jobs/run'],
    ['with a query', `${URL_RUN}?step=1`],
    ['with a slash at its end', `${URL_RUN}/`],
    ['with two slashes', `${PUBLIC_URL}//api/jobs/run`],
    ['in other letters', URL_RUN.toUpperCase()],
    ['with a fragment', `${URL_RUN}#x`],
    ['with a user', 'https://user@cutover.example/api/jobs/run'],
    ['with an escape', `${PUBLIC_URL}/api/jobs/%72un`],
    ['with a way round', `${PUBLIC_URL}/api/x/../jobs/run`],
    ['of the path alone', '/api/jobs/run'],
    ['with a space after', `${URL_RUN} `],
    ['that is empty', ''],
  ])('%s', async (_, url) => {
    expect(refused(await deliver(deployed, { signature: genuine({ url }) }))).toBe('other-url')
  })

  it.each([
    ['absent', undefined],
    ['null', null],
    ['a list that holds the right one', [URL_RUN]],
  ])('that is %s', async (_, sub) => {
    expect(refused(await deliver(deployed, { signature: forged(HEADER, claimsWith({ sub })) }))).toBe('other-url')
  })

  it('whatever the request says about where it was sent', async () => {
    const signature = genuine({ url: 'https://evil.example/api/jobs/run' })
    const spoofs = [
      [['host', 'evil.example']],
      [
        ['x-forwarded-host', 'evil.example'],
        ['x-forwarded-proto', 'https'],
      ],
      [['forwarded', 'host=evil.example;proto=https']],
      [['x-original-url', 'https://evil.example/api/jobs/run']],
      [['x-rewrite-url', '/api/jobs/run']],
      [['x-vercel-deployment-url', 'evil.example']],
      [['upstash-forward-host', 'evil.example']],
      [['origin', 'https://evil.example']],
    ] as const
    for (const headers of spoofs) expect(refused(await deliver(deployed, { signature, headers }))).toBe('other-url')
    const request = new Request('https://evil.example/api/jobs/run', {
      method: 'POST',
      headers: { 'upstash-signature': signature, 'content-type': 'application/json' },
      body: BODY,
    })
    expect((await deployed.app.fetch(request)).status).toBe(401)
  })

  it('at another route of ours', async () => {
    const tick = genuine({ url: URL_TICK, body: BODY })
    expect(refused(await deliver(deployed, { signature: tick }))).toBe('other-url')
    expect(refused(await deliver(deployed, { path: '/api/jobs/tick', signature: genuine() }))).toBe('other-url')
    for (const path of ['/api/jobs/run/', '//api/jobs/run', '/api/jobs/RUN', '/api/work', '/api/jobs/other']) {
      const answer = await deliver(deployed, { path, signature: genuine({ url: PUBLIC_URL + path }) })
      expect([path, answer.status, answer.touched]).toEqual([path, 404, false])
    }
  })
})

const bytes = (...values: number[]) => Buffer.concat([Uint8Array.from(values), Buffer.from(BODY)])

describe('a signature for another body is refused', () => {
  it.each([
    ['empty', ''],
    ['with one byte changed', BODY.replace('1}', '2}')],
    ['with a byte more', `${BODY} `],
    ['with a line end', `${BODY}\n`],
    ['with a byte less', BODY.slice(0, -1)],
    ['with spaces between', '{"runId": "r1", "step": 1}'],
    ['with its members in another order', '{"step":1,"runId":"r1"}'],
    ['with an escape that means the same', BODY.replace('r1', '\\u00721')],
    ['with a number that means the same', BODY.replace('1}', '1.0}')],
    ['with a byte order mark before it', bytes(0xef, 0xbb, 0xbf)],
    ['with a null byte before it', bytes(0)],
  ])('%s', async (_, body) => {
    expect(refused(await deliver(deployed, { signature: genuine(), body }))).toBe('other-body')
  })

  it.each([
    ['that is not UTF-8', bytes(0xff), 400],
    ['in UTF-16', Buffer.from(BODY, 'utf16le'), 401],
    ['that is too large', 'x'.repeat(70_000), 413],
  ])('%s', async (_, body, status) => {
    const answer = await deliver(deployed, { signature: genuine(), body })
    expect([answer.status, answer.touched]).toEqual([status, false])
  })

  it('that is said to be compressed', async () => {
    const headers = [['content-encoding', 'gzip']] as const
    const answer = await deliver(deployed, { signature: genuine(), headers })
    expect([answer.status, answer.touched]).toEqual([415, false])
  })

  it('and one with a byte order mark that the queue has signed so is taken as it is', async () => {
    const body = `\ufeff${BODY}`
    const answer = await deliver(deployed, { signature: genuine({ body }), body })
    // Genuine, and no JSON: it is not wanted again.
    expect([answer.status, answer.headers.get('upstash-nonretryable-error')]).toEqual([489, 'true'])
  })
})
