import { describe, expect, it } from 'vitest'
import { type Tokens, tokenAuthorizer } from '../../lib/http/authorize.js'
import { BASE } from './harness.js'

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
