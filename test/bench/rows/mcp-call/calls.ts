export const ERAS = ['2026-07-28', '2025-11-25'] as const
export type Era = (typeof ERAS)[number]

export const CALLS = {
  get_project: { id: 'record-000007' },
  update_project: { id: 'record-000007', changes: { name: 'Another name' } },
} as const
export type Call = keyof typeof CALLS

/** One stateless tool call, as a client of that era posts it. */
export function requestOf(era: Era, name: Call, id: number): Request {
  const common = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
  const headers: { [name: string]: string } = { host: 'bench.test', ...common, 'mcp-protocol-version': era }
  const params: { [name: string]: unknown } = { name, arguments: CALLS[name] }
  if (era === '2026-07-28') {
    Object.assign(headers, { 'mcp-method': 'tools/call', 'mcp-name': name })
    params._meta = {
      'io.modelcontextprotocol/protocolVersion': era,
      'io.modelcontextprotocol/clientCapabilities': {},
      'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '0' },
    }
  }
  const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params })
  return new Request('http://bench.test/mcp', { method: 'POST', headers, body })
}
