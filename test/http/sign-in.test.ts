import { describe, expect, it } from 'vitest'
import { createApp } from '../../lib/http/app.js'
import { FAILED_MAX } from '../../lib/http/attempts.js'
import { sessionAuthorizer } from '../../lib/http/session-authorizer.js'
import { signInRoutes } from '../../lib/http/sign-in.js'
import { codeOf, KeptLog } from './harness.js'

const PUBLIC = 'https://cutover.example'
const TOKEN = 'operator-token-of-tests'
const BEGUN = 1_800_000_000_000
const OWN = { 'Sec-Fetch-Site': 'same-origin' }
const FORM = { ...OWN, 'Content-Type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { ...OWN, 'Content-Type': 'application/json' }

type Headers = { [name: string]: string }

function deployed() {
  const clock = { time: BEGUN, ids: 0, now: () => clock.time, id: () => `id-${++clock.ids}` }
  const tokens = { operatorToken: TOKEN, apiToken: 'api-token-of-tests' }
  const log = new KeptLog()
  const sessions = sessionAuthorizer({ tokens, publicUrl: PUBLIC, clock })
  const control = signInRoutes({ sessions, clock, log })
  const app = createApp({ control, health: async () => ({ healthy: true, issues: [] }), clock, log })
  const ask = (method: string, path: string, headers: Headers = {}, body?: string) =>
    app.request(PUBLIC + path, { method, headers, ...(body === undefined ? {} : { body }) })
  const post = (body: unknown, headers: Headers = JSON_TYPE) =>
    ask('POST', '/api/session', headers, typeof body === 'string' ? body : JSON.stringify(body))
  const form = (fields: Headers, headers: Headers = FORM) =>
    ask('POST', '/api/session', headers, new URLSearchParams(fields).toString())
  return { clock, log, ask, post, form }
}

const cookieOf = (answer: Response) => answer.headers.get('set-cookie')?.split(';')[0] ?? ''

describe('signing in', () => {
  it('by JSON answers who it is and until when, and sets the cookie', async () => {
    const { post, ask } = deployed()
    const answer = await post({ token: TOKEN, name: '  Ann B. ' })
    const who = { name: 'operator-token (Ann B.)', role: 'operator', expiresAt: '2027-01-15T20:00:00.000Z' }
    expect([answer.status, await answer.json()]).toStrictEqual([200, who])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.get('set-cookie')).toContain('; HttpOnly; SameSite=Lax; Secure')
    const read = await ask('GET', '/api/session', { Cookie: cookieOf(answer) })
    expect([read.status, await read.json(), read.headers.get('cache-control')]).toStrictEqual([200, who, 'no-store'])
    expect(read.headers.has('set-cookie')).toBe(false)
  })

  it('by a form leads to the page', async () => {
    const { form, ask } = deployed()
    const answer = await form({ token: ` ${TOKEN}\n`, name: '' })
    expect([answer.status, answer.headers.get('location')]).toStrictEqual([303, '/'])
    const read = await ask('GET', '/api/session', { Cookie: cookieOf(answer) })
    expect(await read.json()).toMatchObject({ name: 'operator-token', role: 'operator' })
  })

  it.each(['operator-token-of-test', 'api-token-of-tests', '', 'x'.repeat(1_000)])(
    'with the token %j is refused, and no cookie is set',
    async (token) => {
      const { post, form } = deployed()
      const refused = await post({ token })
      expect(refused.headers.has('set-cookie')).toBe(false)
      expect(await codeOf(refused)).toBe('401 unauthenticated')
      const led = await form({ token })
      expect([led.status, led.headers.get('location')]).toStrictEqual([303, '/?sign-in=refused'])
      expect(led.headers.has('set-cookie')).toBe(false)
    },
  )

  it.each(['a'.repeat(65), 'Ann)', 'a\nb', 'a\u202eb', 'a;b', '<b>', '"', 'a\u0000'])(
    'under the name %j is refused before the token is looked at',
    async (name) => {
      const { post, form } = deployed()
      for (const token of [TOKEN, 'wrong']) {
        const answer = await post({ token, name })
        expect(answer.headers.has('set-cookie')).toBe(false)
        expect(await codeOf(answer)).toBe('400 invalid-input')
        expect((await form({ token, name })).headers.get('location')).toBe('/?sign-in=name')
      }
    },
  )

  it.each(['Ann', 'Jürgen Groß', 'ann.b_c-d@example.com', '王芳', '7', 'a'.repeat(64)])(
    'under the name %j is possible',
    async (name) => {
      const answer = await deployed().post({ token: TOKEN, name })
      expect(await answer.json()).toMatchObject({ name: `operator-token (${name})` })
    },
  )

  it.each([
    ['null', '400 invalid-input'],
    ['[]', '400 invalid-input'],
    [`"${TOKEN}"`, '400 invalid-input'],
    ['{}', '400 invalid-input'],
    [`{"token":["${TOKEN}"]}`, '400 invalid-input'],
    [`{"token":"${TOKEN}","name":null}`, '400 invalid-input'],
    [`{"token":"${TOKEN}","role":"admin"}`, '400 invalid-input'],
    [`{"token":"wrong","token":"${TOKEN}"}`, '400 invalid-input'],
    [`{"token":"${TOKEN}"`, '400 invalid-input'],
    ['', '400 invalid-input'],
    [`{"token":"${'x'.repeat(9_000)}"}`, '413 too-large'],
  ])('by the body %s is %s', async (body, expected) => {
    const answer = await deployed().post(body)
    const text = await answer.clone().text()
    expect(text).not.toContain(TOKEN)
    expect(answer.headers.has('set-cookie')).toBe(false)
    expect(await codeOf(answer)).toBe(expected)
  })

  it.each(['', 'text/plain', 'multipart/form-data; boundary=x', 'application/json; charset=utf-16'])(
    'by the content type %j is no way in',
    async (type) => {
      const answer = await deployed().post({ token: TOKEN }, { ...OWN, 'Content-Type': type })
      expect(await codeOf(answer)).toBe('415 invalid-input')
    },
  )

  it('under a name that is spelled otherwise is the same name', async () => {
    const answer = await deployed().post({ token: TOKEN, name: 'Ju\u0308rgen' })
    expect(await answer.json()).toMatchObject({ name: 'operator-token (J\u00fcrgen)' })
  })

  it('has to come from a page of the same origin, by whichever way', async () => {
    const { post, form } = deployed()
    for (const from of [{}, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'https://evil.example' }]) {
      for (const answer of [
        await post({ token: TOKEN }, { 'Content-Type': 'application/json', ...from }),
        await form({ token: TOKEN }, { 'Content-Type': FORM['Content-Type'], ...from }),
      ]) {
        expect(answer.headers.has('set-cookie')).toBe(false)
        expect(await codeOf(answer)).toBe('403 forbidden')
      }
    }
    const told = { 'Content-Type': 'application/json', Origin: PUBLIC }
    expect((await post({ token: TOKEN }, told)).status).toBe(200)
  })
})

describe('who is signed in', () => {
  it('is nobody without a cookie, whatever token is brought', async () => {
    const { ask, post } = deployed()
    const Cookie = cookieOf(await post({ token: TOKEN }))
    const asked: Headers[] = [{}, { Authorization: `Bearer ${TOKEN}` }, { Cookie, Authorization: `Bearer ${TOKEN}` }]
    for (const headers of asked) expect(await codeOf(ask('GET', '/api/session', headers))).toBe('401 unauthenticated')
  })

  it('is told with a new cookie when the session is renewed', async () => {
    const { ask, post, clock } = deployed()
    const first = cookieOf(await post({ token: TOKEN }))
    clock.time += 7 * 3_600_000
    const read = await ask('GET', '/api/session', { Cookie: first })
    expect(await read.json()).toMatchObject({ expiresAt: '2027-01-16T03:00:00.000Z' })
    clock.time += 7 * 3_600_000
    expect((await ask('GET', '/api/session', { Cookie: cookieOf(read) })).status).toBe(200)
    expect(await codeOf(ask('GET', '/api/session', { Cookie: first }))).toBe('401 unauthenticated')
  })
})

describe('signing out', () => {
  it('removes the cookie, by script and by form, signed in or not', async () => {
    const { ask, post } = deployed()
    for (const Cookie of [cookieOf(await post({ token: TOKEN })), 'none=x']) {
      const deleted = await ask('DELETE', '/api/session', { ...OWN, Cookie })
      const led = await ask('POST', '/api/session/end', { ...FORM, Cookie }, '')
      expect([deleted.status, led.status, led.headers.get('location')]).toStrictEqual([204, 303, '/'])
      for (const answer of [deleted, led]) {
        expect(answer.headers.get('set-cookie')).toMatch(/^__Host-cutover=; Max-Age=0; Path=\/; HttpOnly/)
        expect(answer.headers.get('cache-control')).toBe('no-store')
      }
    }
  })

  it.each([{}, { 'Sec-Fetch-Site': 'cross-site' }, { Origin: 'null' }])(
    'is not for other sites to do: %j',
    async (from) => {
      const { ask } = deployed()
      for (const answer of [
        await ask('DELETE', '/api/session', from),
        await ask('POST', '/api/session/end', { 'Content-Type': FORM['Content-Type'], ...from }, ''),
      ]) {
        expect(answer.headers.has('set-cookie')).toBe(false)
        expect(await codeOf(answer)).toBe('403 forbidden')
      }
    },
  )
})

describe('wrong tokens', () => {
  const from = (address: string) => ({ ...JSON_TYPE, 'X-Forwarded-For': `1.1.1.1, ${address}` })

  it('are taken some times a minute from one address, and then nothing is', async () => {
    const { post, form, clock } = deployed()
    for (let times = 0; times < FAILED_MAX; times += 1) {
      expect((await post({ token: 'wrong' }, from('9.9.9.9'))).status).toBe(401)
    }
    for (const token of ['wrong', TOKEN]) {
      const answer = await post({ token }, from('9.9.9.9'))
      expect(answer.headers.get('retry-after')).toBe('60')
      expect(answer.headers.has('set-cookie')).toBe(false)
      expect(await codeOf(answer)).toBe('429 invalid-input')
      const led = await form({ token }, { ...FORM, 'X-Forwarded-For': '9.9.9.9' })
      expect(led.headers.get('location')).toBe('/?sign-in=wait')
    }
    expect((await post({ token: TOKEN }, from('9.9.9.8'))).status).toBe(200)
    clock.time += 59_999
    expect((await post({ token: TOKEN }, from('9.9.9.9'))).headers.get('retry-after')).toBe('1')
    clock.time += 1
    expect((await post({ token: TOKEN }, from('9.9.9.9'))).status).toBe(200)
    for (let times = 0; times < FAILED_MAX; times += 1) {
      expect((await post({ token: 'wrong' }, from('9.9.9.9'))).status).toBe(401)
    }
    expect((await post({ token: TOKEN }, from('9.9.9.9'))).headers.get('retry-after')).toBe('60')
  })

  it('of very many addresses are not all remembered, and a right one is never counted', async () => {
    const { post } = deployed()
    for (let times = 0; times < FAILED_MAX; times += 1) await post({ token: 'wrong' }, from('9.9.9.9'))
    expect((await post({ token: TOKEN }, from('9.9.9.9'))).status).toBe(429)
    for (let address = 0; address < 1_000; address += 1) await post({ token: 'wrong' }, from(`a${address}`))
    expect((await post({ token: TOKEN }, from('9.9.9.9'))).status).toBe(200)
    for (let times = 0; times <= FAILED_MAX; times += 1) {
      expect((await post({ token: TOKEN }, from('9.9.9.9'))).status).toBe(200)
    }
  })
})

describe('the log', () => {
  it('says who signed in and that somebody was refused, and neither token nor cookie', async () => {
    const { post, form, ask, log } = deployed()
    const first = cookieOf(await post({ token: TOKEN, name: 'Ann' }))
    const second = cookieOf(await form({ token: TOKEN }))
    await post({ token: 'a-wrong-token-of-tests' })
    await post(`{"token":"${TOKEN}","more":1}`)
    await ask('GET', '/api/session', { Cookie: `${first}x` })
    await ask('DELETE', '/api/session', { Cookie: first })
    await ask('DELETE', '/api/session', { Cookie: first, ...OWN })
    const events = log.entries.filter(({ level }) => level === 'info')
    expect(events.map(({ event, fields }) => [event, fields])).toStrictEqual([
      ['signed-in', { name: 'operator-token (Ann)', role: 'operator' }],
      ['signed-in', { name: 'operator-token', role: 'operator' }],
      ['sign-in-refused', {}],
    ])
    const text = JSON.stringify(log.entries)
    const secrets = [TOKEN, 'a-wrong-token-of-tests', first, second, first.split('.').at(-1) ?? '']
    for (const secret of secrets) expect(text).not.toContain(secret)
  })
})
