import { describe, expect, it } from 'vitest'
import { type Tokens, tokenAuthorizer } from '../../lib/http/authorize.js'
import { BASE, codeOf, dataApp } from './harness.js'

const all: Tokens = { apiToken: 'api', adminToken: 'admin', operatorToken: 'operator', viewerToken: 'viewer' }

describe('a token', () => {
  it.each([
    ['Bearer api', { kind: 'api' }],
    ['bearer admin', { kind: 'caller', caller: { name: 'admin-token', role: 'admin' } }],
    ['Bearer operator', { kind: 'caller', caller: { name: 'operator-token', role: 'operator' } }],
    ['Bearer viewer', { kind: 'caller', caller: { name: 'viewer-token', role: 'viewer' } }],
    ['Bearer admi', { kind: 'anonymous' }],
    ['Bearer adminn', { kind: 'anonymous' }],
    ['Bearer ', { kind: 'anonymous' }],
    ['Bearer undefined', { kind: 'anonymous' }],
    ['admin', { kind: 'anonymous' }],
    [null, { kind: 'anonymous' }],
  ])('in %j identifies %j', async (authorization, identity) => {
    const headers = new Headers(authorization === null ? {} : { Authorization: authorization })
    expect(await tokenAuthorizer(all).identify(new Request(BASE, { headers }))).toStrictEqual(identity)
    expect(await tokenAuthorizer({}).identify(new Request(BASE, { headers }))).toStrictEqual({ kind: 'anonymous' })
  })

  it('given to two identities means the stronger', async () => {
    const request = new Request(BASE, { headers: { Authorization: 'Bearer same' } })
    const identity = await tokenAuthorizer({ apiToken: 'same', viewerToken: 'same', adminToken: 'same' }).identify(
      request,
    )
    expect(identity).toMatchObject({ caller: { role: 'admin' } })
  })

  it('that is empty is a fault of the configuration, not an open door', () => {
    expect(() => tokenAuthorizer({ apiToken: '' })).toThrow(expect.objectContaining({ code: 'configuration' }))
  })
})

describe('the records', () => {
  const put = (tokens: Tokens, token: string | null) =>
    dataApp({ tokens }).send('PUT', '/api/v1/projects/a', { name: 'A' }, token === null ? {} : bearer(token))
  const list = (tokens: Tokens, token: string | null) =>
    dataApp({ tokens }).send('GET', '/api/v1/projects', undefined, token === null ? {} : bearer(token))

  it('are open while no API token is configured', async () => {
    expect((await put({ adminToken: 'admin' }, null)).status).toBe(201)
    expect((await put({ adminToken: 'admin' }, 'unknown')).status).toBe(201)
  })

  it('take the API token and those of operators, and let viewers read', async () => {
    for (const token of ['api', 'admin', 'operator']) {
      expect((await put(all, token)).status).toBe(201)
      expect((await list(all, token)).status).toBe(200)
    }
    expect((await list(all, 'viewer')).status).toBe(200)
    expect(await codeOf(put(all, 'viewer'))).toBe('403 forbidden')
    for (const token of [null, 'unknown']) {
      expect(await codeOf(put(all, token))).toBe('401 unauthenticated')
      expect(await codeOf(list(all, token))).toBe('401 unauthenticated')
    }
  })
})

function bearer(token: string) {
  return { Authorization: `Bearer ${token}` }
}
