import { describe, expect, test } from 'vitest'
import { protectedResourceMetadata } from '../../lib/mcp/auth.js'
import { call, endpoint, postLegacy, postModern, URL_MCP } from './endpoint.js'

const ALLOWED = ['localhost', 'https://app.example']

describe('Origin', () => {
  test.each([
    [undefined, 200],
    ['http://localhost:5173', 200],
    ['https://app.example', 200],
    ['https://evil.example', 403],
    ['http://app.example', 403],
    ['https://app.example:8443', 403],
    ['https://app.example.evil.example', 403],
    ['null', 403],
    ['', 403],
  ])('%s: %i', async (origin, status) => {
    const fetch = endpoint({ allowedOrigins: ALLOWED }).fetchAs()
    const response = await postLegacy(fetch, call('list_projects'), origin === undefined ? {} : { Origin: origin })
    expect(response.status).toBe(status)
    const readable = status === 200 && origin !== undefined
    expect(response.headers.get('access-control-allow-origin')).toBe(readable ? origin : null)
  })

  test('a browser may send the headers of both eras', async () => {
    const fetch = endpoint({ allowedOrigins: ALLOWED }).fetchAs()
    const preflight = await fetch(URL_MCP, { method: 'OPTIONS', headers: { Origin: 'https://app.example' } })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/Mcp-Method, Mcp-Name, MCP-Protocol-Version/)
    const evil = await fetch(URL_MCP, { method: 'OPTIONS', headers: { Origin: 'https://evil.example' } })
    expect(evil.status).toBe(403)
    expect(evil.headers.get('access-control-allow-origin')).toBeNull()
  })
})

describe('Host', () => {
  test.each([
    [['127.0.0.1'], '127.0.0.1:3000', 200],
    [['127.0.0.1:3000'], '127.0.0.1:3000', 200],
    [['127.0.0.1:3000'], '127.0.0.1:3001', 403],
    [['127.0.0.1'], 'evil.example', 403],
    [['[::1]'], '[::1]:3000', 200],
    [['*'], 'any.example', 200],
    [[], 'any.example', 403],
  ])('%j allows %s: %i', async (allowedHosts, host, status) => {
    const fetch = endpoint({ allowedHosts }).fetchAs()
    const response = await postModern(async (_input, init) => fetch(`http://${host}/mcp`, init), 'tools/list')
    expect(response.status).toBe(status)
  })
})

describe('authentication', () => {
  const resource = 'https://cutover.example/mcp'
  const list = call('list_projects')

  test('where a token is required, a request without one is challenged', async () => {
    const response = await postLegacy(endpoint({ auth: { required: true } }).fetchAs(), list)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
  })

  test('the challenge names the metadata of a server with a public address', async () => {
    const response = await postLegacy(endpoint({ auth: { required: true, resource } }).fetchAs(), list)
    expect(response.headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="https://cutover.example/.well-known/oauth-protected-resource/mcp"',
    )
    expect(protectedResourceMetadata(resource)).toMatchObject({ resource, bearer_methods_supported: ['header'] })
  })

  test('a token that is not known is never taken for no token', async () => {
    const fetch = endpoint({ auth: { required: false } }).fetchAs()
    expect((await postLegacy(fetch, list)).status).toBe(200)
    const response = await postLegacy(fetch, list, { Authorization: 'Bearer guessed' })
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
  })
})
