import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Caller, command } from '../../lib/commands/command.js'
import { createApp } from '../../lib/http/app.js'
import { tokenAuthorizer } from '../../lib/http/authorize.js'
import { controlRoutes } from '../../lib/http/control.js'
import { codeOf, countingClock, KeptLog, type Send, sender } from './harness.js'

interface Toys {
  calls: { input: unknown; caller: Caller }[]
}

const painted = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('painted'), by: z.string() }),
  z.object({ kind: z.literal('refused'), reason: z.literal('wet') }),
])

const paint = command({
  name: 'paint',
  summary: 'Paints a toy.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/toys/{toy}/paint' },
  input: z.strictObject({
    toy: z.string(),
    colour: z.enum(['red', 'blue']),
    coats: z.number().int().max(3).optional(),
  }),
  output: painted,
  run: async (context: Toys, input, caller): Promise<z.input<typeof painted>> => {
    context.calls.push({ input, caller })
    if (input.toy === 'wet') return { kind: 'refused', reason: 'wet' }
    return { kind: 'painted', by: caller.name }
  },
})

const look = command({
  name: 'look',
  summary: 'Looks at toys.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/toys/{toy}' },
  input: z.object({
    toy: z.string(),
    limit: z.number().int().min(1).default(10),
    broken: z.boolean().optional(),
    label: z.string().optional(),
    colours: z.array(z.string()).optional(),
  }),
  output: z.unknown(),
  run: async (context: Toys, input, caller) => {
    context.calls.push({ input, caller })
    return input
  },
})

const first = command({
  ...look,
  name: 'look-at-first',
  http: { method: 'GET', path: '/toys/first' },
  input: z.object({}),
  run: async () => 'first',
})

const tokens = { apiToken: 'api', adminToken: 'admin', operatorToken: 'operator', viewerToken: 'viewer' }
const as = (token: string) => ({ Authorization: `Bearer ${token}` })

function toys() {
  const context: Toys = { calls: [] }
  const control = controlRoutes({ commands: [paint, look, first], context, authorizer: tokenAuthorizer(tokens) })
  const log = new KeptLog()
  const app = createApp({ control, health: async () => ({ healthy: true, issues: [] }), clock: countingClock(), log })
  return { context, send: sender(app) }
}

describe('a command', () => {
  it('gets its input from the path and the body, and its caller from the token', async () => {
    const { send, context } = toys()
    const path = `/api/migration/toys/${encodeURIComponent('a/b %')}/paint`
    const answer = await send('POST', path, { colour: 'red', coats: 2 }, as('operator'))
    expect([answer.status, await answer.json()]).toStrictEqual([200, { kind: 'painted', by: 'operator-token' }])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(context.calls).toStrictEqual([
      { input: { toy: 'a/b %', colour: 'red', coats: 2 }, caller: { name: 'operator-token', role: 'operator' } },
    ])
  })

  it('gets numbers, booleans and lists from a query where its schema asks for them, and texts elsewhere', async () => {
    const { send } = toys()
    const get = async (query: string) =>
      (await send('GET', `/api/migration/toys/7${query}`, undefined, as('viewer'))).json()
    expect(await get('')).toStrictEqual({ toy: '7', limit: 10 })
    expect(await get('?limit=5&broken=true&label=5&colours=red')).toStrictEqual({
      toy: '7',
      limit: 5,
      broken: true,
      label: '5',
      colours: ['red'],
    })
    expect(await get('?colours=red&colours=blue')).toMatchObject({ colours: ['red', 'blue'] })
  })

  it.each(['limit=x', 'limit=0', 'limit=1e1', 'limit=1&limit=2', 'broken=1', 'toy=8'])(
    'is not run with the query %s',
    async (query) => {
      const { send, context } = toys()
      const answer = send('GET', `/api/migration/toys/7?${query}`, undefined, as('viewer'))
      expect(await codeOf(answer)).toBe('400 invalid-input')
      expect(context.calls).toHaveLength(0)
    },
  )

  it.each([
    ['{"colour":"green"}', '$.colour'],
    ['{"colour":"red","coats":9}', '$.coats'],
    ['{"colour":"red","coats":"2"}', '$.coats'],
    ['{"colour":"red","coat":1}', 'coat'],
    ['{"colour":"red","toy":"other"}', 'toy'],
    ['{"colour":', 'line 1, column 11'],
    ['[]', 'object'],
    ['', '$.colour'],
  ])('is not run with the body %s, and the answer names %s', async (body, named) => {
    const { send, context } = toys()
    const answer = await send('POST', '/api/migration/toys/a/paint', body, as('admin'))
    expect(((await answer.clone().json()) as { detail: string }).detail).toContain(named)
    expect(await codeOf(answer)).toBe('400 invalid-input')
    expect(context.calls).toHaveLength(0)
  })

  it('that refuses answers 409 with the refusal', async () => {
    const answer = await toys().send('POST', '/api/migration/toys/wet/paint', { colour: 'red' }, as('admin'))
    expect([answer.status, await answer.json()]).toStrictEqual([409, { kind: 'refused', reason: 'wet' }])
  })

  it('at a literal path comes before one with a parameter there', async () => {
    const answer = await toys().send('GET', '/api/migration/toys/first', undefined, as('viewer'))
    expect(await answer.json()).toBe('first')
  })

  it('answers as its output schema says', async () => {
    for (const toy of ['wet', 'dry']) {
      const answer = await toys().send('POST', `/api/migration/toys/${toy}/paint`, { colour: 'red' }, as('admin'))
      expect(paint.output.safeParse(await answer.json()).success).toBe(true)
    }
  })
})

describe('who may', () => {
  const run = (send: Send, headers: { [name: string]: string }) =>
    send('POST', '/api/migration/toys/a/paint', { colour: 'red' }, headers)

  it('is decided by the role before the input is read', async () => {
    const { send } = toys()
    for (const token of ['admin', 'operator']) expect((await run(send, as(token))).status).toBe(200)
    for (const token of ['viewer', 'api']) expect(await codeOf(run(send, as(token)))).toBe('403 forbidden')
    for (const headers of [{}, as('guess'), { Authorization: 'Basic admin' }]) {
      const answer = await run(send, headers)
      expect(answer.headers.get('www-authenticate')).toContain('Bearer')
      expect(await codeOf(answer)).toBe('401 unauthenticated')
    }
    const malformed = send('POST', '/api/migration/toys/a/paint', '{', as('viewer'))
    expect(await codeOf(malformed)).toBe('403 forbidden')
  })

  it('does not depend on the method: others are 405 with what is allowed', async () => {
    const answer = await toys().send('GET', '/api/migration/toys/a/paint', undefined, as('admin'))
    expect(answer.headers.get('allow')).toBe('POST')
    expect(await codeOf(answer)).toBe('405 invalid-input')
  })
})
