import { z } from 'zod'
import type { Caller } from '../../lib/commands/command.js'
import { createMcpFetch, type McpOptions } from '../../lib/mcp/handler.js'
import { FakeDataPlane } from './fake-data-plane.js'

const projectSchema = z.looseObject({ id: z.string(), name: z.string(), description: z.string().optional() })
const resourceSchema = z.looseObject({ id: z.string(), projectId: z.string(), name: z.string() })

export const COLLECTIONS = [
  { name: 'projects', singular: 'project', schema: projectSchema },
  { name: 'resources', singular: 'resource', schema: resourceSchema },
]

export const URL_MCP = 'http://127.0.0.1/mcp'

export type Fetch = (input: string | URL, init?: RequestInit) => Promise<Response>

export interface Endpoint {
  plane: FakeDataPlane
  /** What `onError` was told. */
  errors: unknown[]
  /** Calls the endpoint as `caller`, without a network. Every exchange is kept in `exchanges`. */
  fetchAs: (caller?: Caller) => Fetch
  exchanges: { request: Request; response: Response }[]
}

export function endpoint(overrides: Partial<McpOptions> = {}): Endpoint {
  const plane = new FakeDataPlane()
  const errors: unknown[] = []
  const exchanges: Endpoint['exchanges'] = []
  const mcpFetch = createMcpFetch({
    dataPlane: plane,
    collections: COLLECTIONS,
    version: '1.2.3',
    allowedHosts: ['127.0.0.1'],
    allowedOrigins: ['localhost'],
    onError: (error) => errors.push(error),
    ...overrides,
  })
  const fetchAs = (caller?: Caller): Fetch => {
    return async (input, init) => {
      const request = new Request(input, init)
      const response = await mcpFetch(request, caller)
      exchanges.push({ request, response })
      return response
    }
  }
  return { plane, errors, fetchAs, exchanges }
}

/** One message, posted as a client of the era of sessions would. */
export function postLegacy(fetch: Fetch, body: unknown, headers: { [name: string]: string } = {}): Promise<Response> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return fetch(URL_MCP, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers },
    body: text,
  })
}

/** One request, posted as a client of 2026-07-28 would. */
export function postModern(fetch: Fetch, method: string, params: { [name: string]: unknown } = {}): Promise<Response> {
  const version = '2026-07-28'
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': version,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
  }
  const name = params.name ?? params.uri
  const headers: { [name: string]: string } = { 'MCP-Protocol-Version': version, 'Mcp-Method': method }
  if (typeof name === 'string') headers['Mcp-Name'] = name
  return postLegacy(fetch, { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }, headers)
}

export const call = (name: string, args: object = {}, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
})
