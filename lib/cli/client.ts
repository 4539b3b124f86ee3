import { isJsonObject, type JsonObject } from '../core/json.js'
import { type Connection, tokenFor } from './connection.js'
import { type Failure, failureOfAnswer, unreachable } from './failure.js'
import type { CliCommand } from './verb.js'

/**
 * One request to the control plane. Nothing is sent twice and no redirect is followed, so that a token goes nowhere
 * but to the address that was configured. Never throws for what the network or the server do.
 */
export async function callCommand(
  parts: ClientParts,
  command: Pick<CliCommand, 'http' | 'role' | 'readOnly'>,
  input: { readonly [name: string]: unknown },
): Promise<Answer> {
  const { url, init } = requestOf(parts.connection, command, input)
  let status: number
  let text: string
  try {
    const response = await parts.fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_MS_MAX) })
    status = response.status
    text = await response.text()
  } catch (error) {
    const cause = causeOf(error)
    const mayHaveHappened = !command.readOnly && !NOT_SENT.has(cause)
    return { kind: 'failed', failure: unreachable(parts.connection.url, cause, mayHaveHappened) }
  }
  const body = parseOrUndefined(text)
  if (isJsonObject(body) && body.kind === 'refused' && status === 409) {
    return { kind: 'refused', refusal: body as JsonObject }
  }
  if (status === 200 && body !== undefined) return { kind: 'done', result: body }
  return { kind: 'failed', failure: failureOfAnswer(status, body) }
}

export interface ClientParts {
  connection: Connection
  fetch: typeof globalThis.fetch
}

export type Answer =
  | { kind: 'done'; result: unknown }
  | { kind: 'refused'; refusal: JsonObject }
  | { kind: 'failed'; failure: Failure }

/** Longer than any function is allowed to take. */
const ANSWER_MS_MAX = 330_000

/** Faults that come before the first byte is sent. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

function requestOf(
  connection: Connection,
  command: Pick<CliCommand, 'http' | 'role'>,
  input: { readonly [name: string]: unknown },
): { url: string; init: RequestInit } {
  const rest = new Map(Object.entries(input))
  const path = command.http.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    rest.delete(name)
    return encodeURIComponent(String(input[name]))
  })
  const token = tokenFor(connection, command.role)
  const headers: { [name: string]: string } = { Accept: 'application/json, application/problem+json' }
  if (token !== null) headers.Authorization = `Bearer ${token}`
  const url = `${connection.url}/api/migration${path}`
  const { method } = command.http
  if (method === 'GET') return { url: url + queryOf(rest), init: { method, headers, redirect: 'manual' } }
  headers['Content-Type'] = 'application/json'
  return { url, init: { method, headers, redirect: 'manual', body: JSON.stringify(Object.fromEntries(rest)) } }
}

function queryOf(members: ReadonlyMap<string, unknown>): string {
  const query = new URLSearchParams()
  for (const [name, value] of members) {
    for (const item of [value].flat()) query.append(name, typeof item === 'string' ? item : JSON.stringify(item))
  }
  return query.size === 0 ? '' : `?${query}`
}

/** The code of the fault alone: messages may hold addresses with credentials, or headers. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.name : 'no connection'
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // judged by its status
  }
}
