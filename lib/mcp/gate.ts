/**
 * Who may reach the endpoint at all. A page on the web must not be able to make a visitor's browser call a server on
 * that visitor's machine or network, by its own name (Origin) or by one that it has made to resolve there (Host).
 */
export interface GatePolicy {
  /** Names (`example.com`, any port) or `name:port`, as clients send them; `*` allows every one. */
  allowedHosts: readonly string[]
  /** Origins (`https://example.com`) or names (`localhost`, any scheme and port); `*` allows every one. */
  allowedOrigins: readonly string[]
}

/** Requests without an Origin do not come from a page and pass. `null` lets the request through. */
export function refuseAtGate(request: Request, policy: GatePolicy): Response | null {
  const host = request.headers.get('host') ?? new URL(request.url).host
  if (!isAllowed(host, nameOf(`http://${host}`), policy.allowedHosts)) return refusal(403, 'Host not allowed')
  const origin = request.headers.get('origin')
  if (origin !== null && !isAllowed(origin, nameOf(origin), policy.allowedOrigins)) {
    return refusal(403, 'Origin not allowed')
  }
  if (request.method === 'OPTIONS' && origin !== null) return new Response(null, { status: 204 })
  if (request.method === 'POST') return null
  return refusal(405, 'Method not allowed: this endpoint takes POST', { Allow: 'POST' })
}

/** Headers that every answer needs: a browser's permission to read it, and streams that no proxy holds back. */
export function finish(request: Request, policy: GatePolicy, response: Response): Response {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    response.headers.set('X-Accel-Buffering', 'no')
  }
  const origin = request.headers.get('origin')
  if (origin === null || !isAllowed(origin, nameOf(origin), policy.allowedOrigins)) return response
  response.headers.set('Access-Control-Allow-Origin', origin)
  response.headers.append('Vary', 'Origin')
  response.headers.set('Access-Control-Expose-Headers', 'WWW-Authenticate')
  if (request.method === 'OPTIONS') {
    response.headers.set('Access-Control-Allow-Methods', 'POST')
    response.headers.set('Access-Control-Allow-Headers', REQUEST_HEADERS.join(', '))
  }
  return response
}

/** What an MCP client in a browser sends beyond the headers that need no permission. */
const REQUEST_HEADERS = [
  'Authorization',
  'Content-Type',
  'Last-Event-ID',
  'Mcp-Method',
  'Mcp-Name',
  'MCP-Protocol-Version',
  'Mcp-Session-Id',
]

function isAllowed(whole: string, name: string | null, allowed: readonly string[]): boolean {
  return allowed.includes('*') || allowed.includes(whole) || (name !== null && allowed.includes(name))
}

function nameOf(url: string): string | null {
  return URL.canParse(url) ? new URL(url).hostname : null
}

function refusal(status: number, message: string, headers: HeadersInit = {}): Response {
  return Response.json({ jsonrpc: '2.0', error: { code: -32000, message }, id: null }, { status, headers })
}
