import { expect } from 'vitest'
import { isJsonObject, type JsonObject } from '../../lib/core/json.js'
import { SECRETS } from './deployment.js'

/** Codes that a client's own fault may have, each with its status; what the server is to blame for is not here. */
const STATUSES: { readonly [code: string]: readonly number[] } = {
  'invalid-input': [400, 405, 415],
  'too-large': [413],
  unauthenticated: [401],
  forbidden: [403],
  'not-found': [404],
  'precondition-failed': [412],
  conflict: [409],
  'idempotency-mismatch': [422],
}

export interface Seen {
  status: number
  headers: Headers
  text: string
  body: unknown
}

export async function seen(response: Response): Promise<Seen> {
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

/** A refusal of a client's request: an RFC 9457 document with a stable code, and no server's fault. */
export function expectProblem({ status, headers, body, text }: Seen): void {
  expect(headers.get('content-type'), text.slice(0, 300)).toBe('application/problem+json')
  const problem = isJsonObject(body) ? (body as JsonObject) : {}
  const { type, title, detail, code, requestId } = problem
  expect(STATUSES[String(code)] ?? [], `${status} ${text.slice(0, 300)}`).toContain(status)
  expect(problem.status).toBe(status)
  expect(type).toBe(`urn:cutover:problem:${String(code)}`)
  for (const member of [title, detail, requestId]) expect(member).toEqual(expect.any(String))
  expect(requestId).toBe(headers.get('x-request-id'))
}

export function isProblem({ headers }: Seen): boolean {
  return headers.get('content-type') === 'application/problem+json'
}

/** Neither tokens nor keys are in any answer at all, whatever its status. */
export function expectNoSecrets(where: string, more: readonly string[] = []): void {
  for (const secret of [...Object.values(SECRETS), ...more]) expect(where).not.toContain(secret)
}

export function headersText(headers: Headers): string {
  return [...headers].map(([name, value]) => `${name}: ${value}`).join('\n')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
