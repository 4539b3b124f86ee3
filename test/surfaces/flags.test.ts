import { OFREPProvider } from '@openfeature/ofrep-provider'
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider'
import { OpenFeature } from '@openfeature/server-sdk'
import { createAccessProof, encryptFlagValues, version } from 'flags'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { flagClient } from '../../lib/index.js'
import { type RunningApp, runApp } from '../scenario/running-app.js'

const ADMIN = 'admin-token-of-the-test'
const API = 'api-token-of-the-tests'
const SECRET = Buffer.alloc(32, 7).toString('base64url')
const OTHER_SECRET = Buffer.alloc(32, 8).toString('base64url')

let app: RunningApp

beforeAll(async () => {
  app = await runApp(
    { 'projects.json': '{}', 'resources.json': '{}' },
    { CUTOVER_ADMIN_TOKEN: ADMIN, CUTOVER_API_TOKEN: API, FLAGS_SECRET: SECRET, CUTOVER_ENVIRONMENT: 'staging' },
  )
  await operate('PUT', '/flag-groups/staff', { members: ['ann'] })
  await put('half', { rollout: { percent: 50 } })
  await put('everybody', { rollout: { percent: 100 } })
  await put('text', {
    kind: 'string',
    variants: { plain: 'a', fancy: 'b' },
    fallback: 'plain',
    rules: [{ when: [{ on: 'group', group: 'staff' }], rollout: { split: [{ variant: 'fancy' }] } }],
    rollout: { percent: 0, split: [{ variant: 'fancy' }] },
  })
  await put('size', {
    kind: 'number',
    variants: { small: 1.5, large: 10 },
    fallback: 'small',
    rules: [
      {
        when: [
          { on: 'attribute', attribute: 'plan', operator: 'in', value: ['pro', 'team'] },
          { on: 'environment', environments: ['staging'] },
        ],
        rollout: { split: [{ variant: 'large' }] },
      },
    ],
    rollout: { percent: 0, split: [{ variant: 'large' }] },
  })
  await put('layout', {
    kind: 'json',
    variants: { one: { columns: 1 }, two: { columns: 2, wide: [true] } },
    fallback: 'one',
    rollout: { percent: 100, split: [{ variant: 'two' }] },
  })
  await put('dead', { rollout: { percent: 100 } })
  await operate('POST', '/feature-flags/dead/kill', {})
}, 60_000)

afterAll(async () => {
  await OpenFeature.close()
  await app.close()
})

async function operate(method: string, path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${app.url}/api/migration${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify({ reason: 'a test', ...body }) }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error(JSON.stringify(answer))
  return answer
}

function put(name: string, definition: object): Promise<unknown> {
  return operate('PUT', `/feature-flags/${name}/definition`, { definition })
}

function bearer(token: string): { headers: [string, string][] } {
  return { headers: [['Authorization', `Bearer ${token}`]] }
}

describe('the official OpenFeature provider for servers', () => {
  beforeAll(() => OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: app.url, ...bearer(API) })))

  it('gives every kind of value with variant and reason', async () => {
    const client = OpenFeature.getClient()
    const ann = { targetingKey: 'ann', plan: 'pro' }
    expect(await client.getBooleanDetails('everybody', false, {})).toMatchObject({
      value: true,
      variant: 'on',
      reason: 'STATIC',
      flagMetadata: { because: 'everybody' },
    })
    expect(await client.getStringDetails('text', '-', ann)).toMatchObject({ value: 'b', reason: 'TARGETING_MATCH' })
    expect(await client.getStringDetails('text', '-', { targetingKey: 'bob' })).toMatchObject({
      value: 'a',
      reason: 'DEFAULT',
    })
    expect(await client.getNumberDetails('size', 0, ann)).toMatchObject({ value: 10, variant: 'large' })
    expect(await client.getNumberDetails('size', 0, { ...ann, environment: 'production' })).toMatchObject({
      value: 1.5,
      reason: 'DEFAULT',
    })
    expect(await client.getObjectDetails('layout', {}, ann)).toMatchObject({ value: { columns: 2, wide: [true] } })
    expect(await client.getBooleanDetails('dead', true, ann)).toMatchObject({ value: false, reason: 'DISABLED' })
  })

  it('deals a half to half, and the same to the same', async () => {
    const client = OpenFeature.getClient()
    const given = new Set<boolean>()
    for (let n = 0; n < 20; n++) {
      const context = { targetingKey: `user-${n}` }
      const { value, reason } = await client.getBooleanDetails('half', false, context)
      expect(reason).toBe('SPLIT')
      expect(await client.getBooleanValue('half', false, context)).toBe(value)
      given.add(value)
    }
    expect(given.size).toBe(2)
  })

  it('is told what is wrong in the protocol’s own words', async () => {
    const client = OpenFeature.getClient()
    expect(await client.getBooleanDetails('nothing', true, {})).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'FLAG_NOT_FOUND',
    })
    expect(await client.getBooleanDetails('half', true, {})).toMatchObject({
      value: true,
      errorCode: 'TARGETING_KEY_MISSING',
    })
    expect(await client.getStringDetails('half', '-', { targetingKey: 'x' })).toMatchObject({
      value: '-',
      errorCode: 'TYPE_MISMATCH',
    })
    expect(await client.getBooleanDetails('everybody', false, { targetingKey: 'x'.repeat(300) })).toMatchObject({
      errorCode: 'INVALID_CONTEXT',
    })
  })

  it('sees the views on stages beside the named flags', async () => {
    const client = OpenFeature.getClient()
    expect(await client.getStringDetails('migration_mode', '-', {})).toMatchObject({ value: 'json', reason: 'STATIC' })
    await operate('PUT', '/feature-flags/redis_write_projects', { value: true })
    await expect.poll(() => client.getBooleanValue('redis_write_projects', false, {}), { timeout: 10_000 }).toBe(true)
    expect(await client.getBooleanDetails('redis_write_resources', true, {})).toMatchObject({
      value: false,
      flagMetadata: { view: true, stage: 'off' },
    })
  })

  it('is not let in without a token, nor with a wrong one', async () => {
    for (const options of [{}, bearer('not-a-token-of-anybody')]) {
      await OpenFeature.setProviderAndWait('stranger', new OFREPProvider({ baseUrl: app.url, ...options }))
      const details = await OpenFeature.getClient('stranger').getBooleanDetails('everybody', false, {})
      expect(details).toMatchObject({ value: false, reason: 'ERROR' })
    }
  })
})

describe('the official OpenFeature provider for browsers', () => {
  function provider(): { provider: OFREPWebProvider; statuses: number[] } {
    const statuses: number[] = []
    const made = new OFREPWebProvider({
      baseUrl: app.url,
      pollInterval: -1,
      cacheMode: 'disabled',
      ...bearer(API),
      fetchImplementation: async (...asked: Parameters<typeof fetch>) => {
        const response = await fetch(...asked)
        statuses.push(response.status)
        return response
      },
    })
    return { provider: made, statuses }
  }

  it('holds every flag after one request, and asks again with the tag it was given', async () => {
    const { provider: web, statuses } = provider()
    const ann = { targetingKey: 'ann', plan: 'team' }
    await web.initialize?.(ann)
    expect(web.resolveStringEvaluation('text', '-', ann)).toMatchObject({ value: 'b', variant: 'fancy' })
    expect(web.resolveNumberEvaluation('size', 0, ann)).toMatchObject({ value: 10 })
    expect(web.resolveObjectEvaluation('layout', {}, ann)).toMatchObject({ value: { columns: 2 } })
    expect(web.resolveBooleanEvaluation('dead', true, ann)).toMatchObject({ value: false, reason: 'DISABLED' })
    expect(web.resolveBooleanEvaluation('nothing', true, ann)).toMatchObject({ errorCode: 'FLAG_NOT_FOUND' })
    await web.onContextChange?.(ann, ann)
    expect(statuses).toEqual([200, 304])
    await operate('PUT', '/feature-flags/everybody', { value: false })
    await web.onContextChange?.(ann, ann)
    expect(statuses).toEqual([200, 304, 200])
    expect(web.resolveBooleanEvaluation('everybody', true, ann)).toMatchObject({ value: false })
    await operate('PUT', '/feature-flags/everybody', { value: true })
    await web.onClose?.()
  })

  it('is told of each flag that wants a key it does not have', async () => {
    const { provider: web } = provider()
    await web.initialize?.({})
    expect(web.resolveBooleanEvaluation('half', true, {})).toMatchObject({ errorCode: 'TARGETING_KEY_MISSING' })
    expect(web.resolveBooleanEvaluation('everybody', false, {})).toMatchObject({ value: true })
    await web.onClose?.()
  })
})

describe('Vercel’s toolbar', () => {
  const place = '/.well-known/vercel/flags'
  const ask = (token?: string) =>
    fetch(app.url + place, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })

  it('reads every flag with a proof that its own package makes', async () => {
    const response = await ask(await createAccessProof(SECRET))
    expect([response.status, response.headers.get('x-flags-sdk-version')]).toEqual([200, version])
    const { definitions, hints } = (await response.json()) as { definitions: { [name: string]: object }; hints: [] }
    expect(hints).toEqual([])
    expect(Object.keys(definitions).sort()).toEqual(
      ['dead', 'everybody', 'half', 'layout', 'size', 'text', 'migration_mode', 'redis_mcp_tools']
        .concat(['projects', 'resources'].flatMap((name) => [`redis_read_${name}`, `redis_write_${name}`]))
        .sort(),
    )
    expect(definitions.text).toMatchObject({
      options: [
        { value: 'a', label: 'plain' },
        { value: 'b', label: 'fancy' },
      ],
      defaultValue: 'a',
      declaredInCode: false,
      origin: app.url,
    })
  })

  it.each([
    ['nothing', async () => undefined],
    ['a proof made with another secret', () => createAccessProof(OTHER_SECRET)],
    ['a proof that has run out', () => createAccessProof(SECRET, '-1m')],
    ['something else sealed with the secret', () => encryptFlagValues({ a: true }, SECRET)],
    ['the secret itself', async () => SECRET],
    ['an operator’s token', async () => ADMIN],
    ['a damaged proof', async () => `${(await createAccessProof(SECRET)).slice(0, -2)}AA`],
  ])('is refused with %s', async (_what, token) => {
    const response = await ask(await token())
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'unauthenticated' }])
  })
})

describe('a flag client in the process', () => {
  it('evaluates what operators define, with no more than a look now and then', async () => {
    const client = flagClient(app.wired, { freshMs: 0 })
    expect(await client.ready()).toBe(true)
    expect(client.value('everybody', false)).toBe(true)
    expect(client.value('text', '-', { key: 'ann' })).toBe('b')
    expect(client.details('size', 0, { attributes: { plan: 'pro' } })).toMatchObject({ value: 10, rule: 0 })
    expect(client.choose('dead', { key: 'ann' }, { legacy: 'l', new: 'n' })).toBe('l')
    expect(client.details('migration_mode', 'json')).toEqual({
      value: 'json',
      reason: 'ERROR',
      error: 'FLAG_NOT_FOUND',
    })
    await operate('PUT', '/feature-flags/half', { value: 100 })
    await expect.poll(() => client.value('half', false, { key: 'x' }), { timeout: 10_000 }).toBe(true)
  })
})
