import type { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import { CutoverError, QUOTA_EXCEEDED } from '../../lib/core/error.js'
import { notSent } from '../../lib/core/failing/not-sent.js'
import { killFlag, putNamedFlag, readNamedFlag } from '../../lib/engine/flags/flags.js'
import { createApp } from '../../lib/http/app.js'
import { type Tokens, tokenAuthorizer } from '../../lib/http/authorize.js'
import { ofrepRoutes } from '../../lib/http/ofrep.js'
import { flagNamed } from '../engine/flags/flag-named.js'
import { fill, go, MOVER, pass, type World, world } from '../engine/runs/world.js'
import { KeptLog, type Send, sender } from './harness.js'

const ALL = { percent: 100, split: [{ variant: 'on', weight: 1 }] }
const ONE = '/ofrep/v1/evaluate/flags'

function appOf(at: World, tokens: Tokens = {}): Hono {
  return createApp({
    flags: ofrepRoutes({ engine: async () => at.context, authorize: tokenAuthorizer(tokens).authorizeData }),
    health: async () => ({ healthy: true, issues: [] }),
    clock: at.clock,
    log: new KeptLog(),
  })
}

async function served(): Promise<{ at: World; send: Send }> {
  const at = world()
  await putNamedFlag(at.context, flagNamed('checkout', { rollout: ALL }), MOVER)
  await putNamedFlag(at.context, flagNamed('half', { rollout: { ...ALL, percent: 50 } }), MOVER)
  return { at, send: sender(appOf(at)) }
}

async function seen(answer: Promise<Response>): Promise<[status: number, body: unknown]> {
  const response = await answer
  return [response.status, await response.json()]
}

describe('one flag', () => {
  it('is evaluated for a context', async () => {
    const { at, send } = await served()
    const { revision } = await readNamedFlag(at.context, 'checkout')
    expect(await seen(send('POST', `${ONE}/checkout`, { context: {} }))).toEqual([
      200,
      { key: 'checkout', value: true, variant: 'on', reason: 'STATIC', metadata: { because: 'everybody', revision } },
    ])
  })

  it.each([
    ['that is not there', 'nothing', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['called as no flag can be', '__proto__', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['called like a member of every object', 'constructor', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['of a collection that is not there', 'redis_read_nobody', { context: {} }, 404, 'FLAG_NOT_FOUND'],
    ['whose share wants a key', 'half', {}, 400, 'TARGETING_KEY_MISSING'],
    ['with an empty key', 'half', { context: { targetingKey: '' } }, 400, 'TARGETING_KEY_MISSING'],
    ['with a key that is a number', 'half', { context: { targetingKey: 7 } }, 400, 'INVALID_CONTEXT'],
    ['with a key that is too long', 'half', { context: { targetingKey: 'x'.repeat(257) } }, 400, 'INVALID_CONTEXT'],
    ['with half a character as key', 'half', '{"context":{"targetingKey":"\\ud800"}}', 400, 'PARSE_ERROR'],
    ['with a context that is a list', 'half', { context: [] }, 400, 'INVALID_CONTEXT'],
    ['with no context but null', 'half', { context: null }, 400, 'INVALID_CONTEXT'],
    ['asked with a list', 'half', [], 400, 'PARSE_ERROR'],
    ['asked with something else than JSON', 'half', '{"context":', 400, 'PARSE_ERROR'],
    ['asked in the name of a prototype', 'half', '{"context":{"__proto__":{"targetingKey":"a"}}}', 400, 'PARSE_ERROR'],
    ['asked very deeply', 'half', `{"context":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`, 400, 'PARSE_ERROR'],
  ])('%s is refused in the protocol’s words', async (_what, key, body, status, errorCode) => {
    const { send } = await served()
    expect(await seen(send('POST', `${ONE}/${key}`, body))).toMatchObject([status, { key, errorCode }])
  })

  it('is not evaluated for a context beyond all measure, nor for another type', async () => {
    const { send } = await served()
    const large = { context: { targetingKey: 'a', more: 'x'.repeat(70_000) } }
    expect(await seen(send('POST', `${ONE}/half`, large))).toMatchObject([413, { code: 'too-large' }])
    const text = { 'Content-Type': 'text/plain' }
    expect((await send('POST', `${ONE}/half`, '{}', text)).status).toBe(415)
  })
})

describe('a sticky flag', () => {
  it('is dealt once to whoever asks, and kept', async () => {
    const { at, send } = await served()
    const dealing = (percent: number) => flagNamed('kept', { sticky: true, rollout: { ...ALL, percent } })
    await putNamedFlag(at.context, dealing(99.999), MOVER)
    const ask = () => seen(send('POST', `${ONE}/kept`, { context: { targetingKey: 'ann' } }))
    expect(await ask()).toMatchObject([200, { value: true, metadata: { because: 'rolled-out' } }])
    const { revision } = await readNamedFlag(at.context, 'kept')
    await putNamedFlag(at.context, dealing(0.001), MOVER, revision)
    expect(await ask()).toMatchObject([200, { value: true, metadata: { because: 'kept' } }])
  })
})

describe('every flag at once', () => {
  it('comes with a tag that changes with what is in it, and with nothing else', async () => {
    const { at, send } = await served()
    const ask = (context: object, tag = '') =>
      send('POST', ONE, { context }, tag === '' ? {} : { 'If-None-Match': tag })
    const first = await ask({ targetingKey: 'ann' })
    const tag = first.headers.get('etag') ?? ''
    expect(tag).toMatch(/^"[\w-]{22}"$/)
    expect((await ask({ targetingKey: 'ann', unused: true })).headers.get('etag')).toBe(tag)
    const again = await ask({ targetingKey: 'ann' }, tag)
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', tag])
    expect((await ask({ targetingKey: 'ann' }, `W/${tag}, "other"`)).status).toBe(304)
    expect((await ask({}, tag)).status).toBe(200)
    await killFlag(at.context, 'checkout', MOVER)
    expect((await ask({ targetingKey: 'ann' }, tag)).status).toBe(200)
  })

  it('tells of each flag by itself what is wrong', async () => {
    const { send } = await served()
    const [status, body] = await seen(send('POST', ONE, {}))
    expect(status).toBe(200)
    const { flags } = body as { flags: { key: string; value?: unknown; errorCode?: string }[] }
    const told = Object.fromEntries(flags.map(({ key, value, errorCode }) => [key, errorCode ?? value]))
    expect(told).toEqual({
      checkout: true,
      half: 'TARGETING_KEY_MISSING',
      migration_mode: 'json',
      redis_mcp_tools: false,
      redis_read_projects: false,
      redis_write_projects: false,
    })
  })

  it('is served without the views where no store tells of the stages', async () => {
    const { at, send } = await served()
    at.faults.down.add('source').add('target')
    const [status, body] = await seen(send('POST', ONE, { context: { targetingKey: 'a' } }))
    expect([status, body]).toMatchObject([200, { metadata: { viewsFault: 'unavailable' } }])
    expect((body as { flags: object[] }).flags).toHaveLength(2)
    expect(await seen(send('POST', `${ONE}/migration_mode`, {}))).toMatchObject([503, { code: 'unavailable' }])
    at.faults.down.clear()
    expect(await seen(send('POST', `${ONE}/migration_mode`, {}))).toMatchObject([200, { value: 'json' }])
  })

  it('takes a bad context as a whole', async () => {
    const { send } = await served()
    expect(await seen(send('POST', ONE, { context: 7 }))).toMatchObject([400, { errorCode: 'INVALID_CONTEXT' }])
    expect(await seen(send('POST', ONE, 'x'))).toMatchObject([400, { errorCode: 'PARSE_ERROR' }])
  })
})

describe('a view', () => {
  it('on a share of the reads says of one record what its reads go by', async () => {
    const at = world()
    await fill(at, 8)
    await go(at, 'shadow')
    await pass(at)
    const { setFlag } = await import('../../lib/engine/flags/stages.js')
    await setFlag(at.context, 'redis_read_projects', 50, MOVER)
    const send = sender(appOf(at))
    const ask = (id: string) => seen(send('POST', `${ONE}/redis_read_projects`, { context: { targetingKey: id } }))
    expect(await seen(send('POST', `${ONE}/redis_read_projects`, {}))).toMatchObject([
      400,
      { errorCode: 'TARGETING_KEY_MISSING' },
    ])
    const values = new Set<unknown>()
    for (let n = 1; n <= 8; n++) {
      const id = `r${String(n).padStart(4, '0')}`
      const [, body] = await ask(id)
      const { servedBy } = await at.plane.get('projects', id)
      expect(body).toMatchObject({ value: servedBy === 'target', reason: 'SPLIT', metadata: { stage: 'live' } })
      values.add((body as { value: boolean }).value)
    }
    expect(values.size).toBe(2)
  })
})

describe('when it cannot be answered', () => {
  it('the ledger being away is 503, to be asked again', async () => {
    const { at, send } = await served()
    at.faults.down.add('ledger')
    for (const path of [ONE, `${ONE}/checkout`]) {
      const answer = await send('POST', path, {})
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
      expect(await answer.json()).toMatchObject({ code: 'unavailable' })
    }
  })

  it.each([
    [
      'the plan being used up',
      () => new CutoverError('unavailable', 'm', { details: { reason: QUOTA_EXCEEDED } }),
      '300',
    ],
    ['the limit of commands being used up', () => notSent('throttled', 'the target', 3), '3'],
    ['too many requests being under way', () => notSent('too-many-requests', 'the target', 1), '1'],
  ])('%s is 429, to be left alone for a while', async (_what, error, seconds) => {
    const { at, send } = await served()
    at.faults.before = () => {
      throw error()
    }
    const answer = await send('POST', `${ONE}/checkout`, {})
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, seconds])
  })
})

describe('who may ask', () => {
  const tokens = { apiToken: 'api', viewerToken: 'viewer', adminToken: 'admin' }
  it.each([
    ['api', 200],
    ['viewer', 200],
    ['admin', 200],
    ['other', 401],
    [null, 401],
  ])('with the token %s is answered %d', async (token, status) => {
    const { at } = await served()
    const send = sender(appOf(at, tokens))
    const headers: { [name: string]: string } = token === null ? {} : { Authorization: `Bearer ${token}` }
    for (const path of [ONE, `${ONE}/checkout`]) expect((await send('POST', path, {}, headers)).status).toBe(status)
    expect((await send('GET', '/ofrep/v1/configuration', undefined, headers)).status).toBe(status)
  })

  it('is everybody where the records are everybody’s', async () => {
    const { at } = await served()
    const send = sender(appOf(at, { adminToken: 'admin' }))
    expect((await send('POST', `${ONE}/checkout`, {})).status).toBe(200)
  })
})

describe('the configuration', () => {
  it('says how often may be polled', async () => {
    const { send } = await served()
    const answer = await send('GET', '/ofrep/v1/configuration')
    expect(await answer.json()).toMatchObject({
      name: 'cutover',
      capabilities: { cacheInvalidation: { polling: { enabled: true, minPollingIntervalMs: 5_000 } } },
    })
    const tag = answer.headers.get('etag') ?? ''
    expect((await send('GET', '/ofrep/v1/configuration', undefined, { 'If-None-Match': tag })).status).toBe(304)
  })
})
