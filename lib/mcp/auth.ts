import type { Caller } from '../commands/command.js'

export interface AuthPolicy {
  /** Nobody without a token. Otherwise a request without one is served, as nobody in particular. */
  required: boolean
  /** The public address of the MCP endpoint, such as `https://example.com/mcp`; names the metadata in challenges. */
  resource?: string
}

/** Where the document of `protectedResourceMetadata` is to be served: a path beside that of the endpoint (RFC 9728). */
export function metadataUrl(resource: string): string {
  const url = new URL(resource)
  const path = url.pathname === '/' ? '' : url.pathname
  return `${url.origin}/.well-known/oauth-protected-resource${path}`
}

/** The RFC 9728 document: what a client must bring to be let in. Tokens come from the operators, not from a server. */
export function protectedResourceMetadata(resource: string): { [member: string]: string | string[] } {
  return { resource, resource_name: 'cutover', bearer_methods_supported: ['header'] }
}

/** A token that is not known is refused even where none is needed: it is never taken for no token at all. */
export function challenge(
  request: Request,
  caller: Caller | undefined,
  policy: AuthPolicy | undefined,
): Response | null {
  const brought = request.headers.has('authorization')
  if (policy === undefined || caller !== undefined || !(policy.required || brought)) return null
  const parts = [
    ...(brought ? ['error="invalid_token"'] : []),
    ...(policy.resource === undefined ? [] : [`resource_metadata="${metadataUrl(policy.resource)}"`]),
  ]
  const message = brought ? 'The token is not known' : 'A bearer token is required'
  return Response.json(
    { jsonrpc: '2.0', error: { code: -32000, message }, id: null },
    { status: 401, headers: { 'WWW-Authenticate': `Bearer ${parts.join(', ')}`.trim() } },
  )
}
