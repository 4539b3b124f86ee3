import type { Json, JsonObject } from '../../lib/core/json.js'
import { BASE, type Deployment, SECRETS } from './deployment.js'
import { type Seen, seen } from './problems.js'

/** Modern: every request stands alone. Legacy: a client that has begun with `initialize`, in any of its versions. */
export type Era = '2026-07-28' | '2025-11-25' | '2025-06-18'
export const ERAS: readonly Era[] = ['2026-07-28', '2025-11-25', '2025-06-18']

export function messageOf(era: Era, method: string, params: JsonObject): JsonObject {
  const message = { jsonrpc: '2.0', id: 7, method }
  if (era !== '2026-07-28') return { ...message, params }
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'hostile', version: '0' },
  }
  return { ...message, params: { ...params, _meta } }
}

/** What a well-behaved client sends beside the message. */
export function headersOf(era: Era, method: string, params: JsonObject): [string, string][] {
  const name = params.name ?? params.uri
  return [
    ['Authorization', `Bearer ${SECRETS.admin}`],
    ['Content-Type', 'application/json'],
    ['Accept', 'application/json, text/event-stream'],
    ['MCP-Protocol-Version', era],
    ...(era === '2026-07-28' ? ([['Mcp-Method', method]] as [string, string][]) : []),
    ...(era === '2026-07-28' && typeof name === 'string' ? ([['Mcp-Name', name]] as [string, string][]) : []),
  ]
}

export async function post(
  { app }: Deployment,
  headers: readonly (readonly [string, string])[],
  body: Uint8Array<ArrayBuffer> | string,
  method = 'POST',
): Promise<Seen> {
  const sent = new Headers()
  for (const [name, value] of headers) {
    try {
      sent.set(name, value)
    } catch {
      // No client could send it.
    }
  }
  return seen(await app.request(`${BASE}/mcp`, { method, headers: sent, ...(method === 'POST' ? { body } : {}) }))
}

/** The message of an answer, whether it came as JSON or as the one event of a stream that matters. */
export function answerOf({ body, headers, text }: Seen): unknown {
  if (!headers.get('content-type')?.startsWith('text/event-stream')) return body
  const data = [...text.matchAll(/^data: (.+)$/gm)].map(([, line = '']) => line)
  return data.length === 0 ? undefined : (JSON.parse(data.at(-1) ?? '') as Json)
}
