import { describe, expect, test } from 'vitest'
import { type Asked, call } from '../../../lib/dashboard/client/api.js'

const WRITE: Asked = { method: 'POST', path: '/api/migration/emergency-stop', body: { reason: 'why' } }
const LOOK: Asked = { method: 'GET', path: '/api/migration/collections' }

describe('what became of a request', () => {
  test('an answer is its value', async () => {
    expect(await call(LOOK, answering(200, [1]))).toEqual({ kind: 'ok', value: [1] })
  })

  test('a refusal is a value, with its reason, its words and what they are about', async () => {
    const body = { kind: 'refused', reason: 'epoch-moved', inWords: 'Moved.', details: { epoch: 8 }, from: 'live' }
    expect(await call(WRITE, answering(409, body))).toEqual({
      kind: 'refused',
      refusal: { reason: 'epoch-moved', inWords: 'Moved.', details: { epoch: 8 } },
    })
  })

  test('a problem document is its code and its sentence', async () => {
    const body = { code: 'forbidden', detail: 'This needs the role operator.', title: 'Forbidden', details: { n: 1 } }
    expect(await call(WRITE, answering(403, body, 'application/problem+json'))).toEqual({
      kind: 'problem',
      problem: { status: 403, code: 'forbidden', message: 'This needs the role operator.', details: { n: 1 } },
    })
  })

  test('without a session it is signed out', async () => {
    const body = { code: 'unauthenticated', detail: 'Sign in.' }
    expect(await call(LOOK, answering(401, body, 'application/problem+json'))).toEqual({ kind: 'signed-out' })
  })

  test.each([
    ['a connection that breaks', broken, 'no-connection'],
    ['a page of somebody between', answering(200, '<html>', 'text/html'), 'not-our-server'],
    ['a page in place of an error', answering(502, '<html>', 'text/html'), 'not-our-server'],
    ['an answer that ends early', answering(200, '{"kind":', 'application/json'), 'not-our-server'],
  ] as const)(
    '%s leaves it unknown whether an act was done, and a look without an answer',
    async (_, fetched, because) => {
      expect(await call(WRITE, fetched)).toEqual({ kind: 'unknown', because })
      expect(await call(LOOK, fetched)).toEqual({ kind: 'unreachable', because })
      expect(await call({ ...WRITE, changesNothing: true }, fetched)).toEqual({ kind: 'unreachable', because })
    },
  )

  test('an act is sent once, whatever becomes of it', async () => {
    for (const answer of [broken, answering(503, {}), answering(429, {}), answering(500, {})]) {
      let sent = 0
      await call(WRITE, (...asked) => {
        sent += 1
        return answer(...asked)
      })
      expect(sent).toBe(1)
    }
  })

  test('goes to the page’s own server, with its cookie', async () => {
    const seen: { path?: unknown; init?: RequestInit | undefined } = {}
    await call(WRITE, async (path, init) => {
      Object.assign(seen, { path, init })
      return Response.json({})
    })
    expect(seen.path).toBe('/api/migration/emergency-stop')
    expect(seen.init).toMatchObject({ method: 'POST', credentials: 'same-origin', body: '{"reason":"why"}' })
    expect(seen.init?.headers).toMatchObject({ 'Content-Type': 'application/json' })
  })
})

async function broken(): Promise<Response> {
  throw new TypeError('fetch failed')
}

function answering(status: number, body: unknown, type = 'application/json'): typeof fetch {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return async () => new Response(text, { status, headers: { 'Content-Type': type } })
}
