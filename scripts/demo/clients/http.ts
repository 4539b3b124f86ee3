import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../../lib/core/json.js'
import type { Address, Answer, Item, Origin, RecordClient } from './client.js'

/**
 * An HTTP client as the API asks for: every write carries an Idempotency-Key, and what got no answer, or a 5xx, is
 * sent again under the same key after the time that the server names.
 */
export interface HttpClient extends RecordClient {
  /** Requests that were sent again. */
  repeats(): number
}

export function httpClient(url: string, name: string): HttpClient {
  let repeats = 0

  async function call(
    method: string,
    path: string,
    body: JsonObject | null,
    headers: Headers,
  ): Promise<Reply | string> {
    if (method !== 'GET') headers.set('idempotency-key', randomUUID())
    let last = ''
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      if (attempt > 1) repeats++
      const reply = await exchange(method, url + path, body, headers)
      if (typeof reply !== 'string' && reply.status < 500) return reply
      last = typeof reply === 'string' ? reply : `${reply.status} ${codeOf(reply.body)}`
      const told = typeof reply === 'string' ? 0 : Number(reply.headers.get('retry-after') ?? 0)
      if (attempt < ATTEMPTS_MAX) await sleep(Math.max(told * 1000, attempt * PAUSE_MS))
    }
    return last
  }

  async function write(method: string, at: Address, body: JsonObject | null, headers: Headers): Promise<Answer> {
    const reply = await call(method, pathOf(at), body, headers)
    if (typeof reply === 'string') return { kind: 'failed', what: `${method}: ${reply}` }
    const origin = originOf(reply.headers)
    if (reply.status === 404) return { kind: 'refused', code: 'not-found', origin }
    if (reply.status === 412) return { kind: 'refused', code: 'precondition-failed', origin }
    if (reply.status > 204 || origin === null) return { kind: 'failed', what: `${method}: ${said(reply)}` }
    const version = method === 'DELETE' ? null : versionOf(reply.headers.get('etag'))
    return { kind: 'written', origin, version, value: isJsonObject(reply.body) ? reply.body : null }
  }

  return {
    name,
    operations: ['get', 'create', 'replace', 'patch', 'remove', 'list'],
    async get(at) {
      const reply = await call('GET', pathOf(at), null, new Headers())
      if (typeof reply === 'string') return { kind: 'failed', what: `GET: ${reply}` }
      const origin = originOf(reply.headers)
      if (reply.status === 404) return { kind: 'absent', origin }
      const version = versionOf(reply.headers.get('etag'))
      if (reply.status !== 200 || origin === null || version === null || !isJsonObject(reply.body))
        return { kind: 'failed', what: `GET: ${said(reply)}` }
      return { kind: 'found', origin, version, value: reply.body }
    },
    create: (at, value) => write('PUT', at, value, headersOf('application/json', { 'if-none-match': '*' })),
    replace: (at, value, ifMatch) => write('PUT', at, value, headersOf('application/json', matching(ifMatch))),
    patch: (at, changes, ifMatch) =>
      write('PATCH', at, changes, headersOf('application/merge-patch+json', matching(ifMatch))),
    remove: (at, ifMatch) => write('DELETE', at, null, new Headers(matching(ifMatch))),
    async list(collection, limit, cursor) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) })
      const reply = await call('GET', `/api/v1/${collection}?${query}`, null, new Headers())
      if (typeof reply === 'string') return { kind: 'failed', what: `list: ${reply}` }
      const origin = originOf(reply.headers)
      const page = reply.body
      if (reply.status !== 200 || origin === null || !isJsonObject(page) || !Array.isArray(page.items))
        return { kind: 'failed', what: `list: ${said(reply)}` }
      return {
        kind: 'page',
        origin,
        items: page.items.flatMap(itemOf),
        next: typeof page.nextCursor === 'string' ? page.nextCursor : null,
      }
    },
    reconnects: () => 0,
    repeats: () => repeats,
    close: async () => {},
  }
}

const ATTEMPTS_MAX = 8
const PAUSE_MS = 50
const ANSWER_MS_MAX = 30_000

interface Reply {
  status: number
  headers: Headers
  body: Json
}

async function exchange(
  method: string,
  url: string,
  body: JsonObject | null,
  headers: Headers,
): Promise<Reply | string> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    const response = await fetch(url, {
      method,
      headers,
      signal,
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) }
  } catch (error) {
    return `no answer (${error instanceof Error ? error.message : 'unknown'})`
  }
}

function pathOf({ collection, id }: Address): string {
  return `/api/v1/${collection}/${encodeURIComponent(id)}`
}

function headersOf(type: string, more: { [name: string]: string }): Headers {
  return new Headers({ 'content-type': type, ...more })
}

function matching(ifMatch: number | null): { [name: string]: string } {
  return ifMatch === null ? {} : { 'if-match': `"${ifMatch}"` }
}

function originOf(headers: Headers): Origin | null {
  const stage = headers.get('cutover-stage')
  return stage === null ? null : { stage, servedBy: headers.get('cutover-served-by') ?? '' }
}

function versionOf(etag: string | null): number | null {
  const digits = /^"(\d+)"$/.exec(etag ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}

function itemOf(item: Json): Item[] {
  if (!isJsonObject(item) || typeof item.id !== 'string' || !isJsonObject(item.value)) return []
  return [{ id: item.id, version: versionOf(String(item.etag)) ?? Number.NaN, value: item.value }]
}

function codeOf(body: Json): string {
  return isJsonObject(body) && typeof body.code === 'string'
    ? `${body.code} ${isJsonObject(body.details) ? String(body.details.reason ?? '') : ''}`
    : ''
}

function said({ status, body }: Reply): string {
  return `${status} ${codeOf(body)}`
}
