import { isJsonObject, type Json, type JsonObject } from '../../../lib/core/json.js'
import { type Address, meaningOf, type Page, type RecordClient, type Seen, stateOf, type Told } from './client.js'

/** A client of the HTTP API that waits `patienceMs` for an answer, and no longer. */
export function httpClient(url: string, name: string, patienceMs: number): RecordClient {
  async function call(method: string, path: string, body: JsonObject | null, headers: Headers): Promise<Reply | null> {
    try {
      const signal = AbortSignal.timeout(patienceMs)
      const carried = body === null ? {} : { body: JSON.stringify(body) }
      const response = await fetch(url + path, { method, headers, signal, ...carried })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: parsed(text) }
    } catch {
      return null // no answer, or half of one
    }
  }
  return {
    name,
    writes: ['put', 'put', 'create', 'patch', 'delete'],
    async get(at, known) {
      const headers = new Headers(known === null ? {} : { 'if-none-match': `"${known.etag}"` })
      const reply = await call('GET', pathOf(at), null, headers)
      if (reply?.status === 304 && known !== null) return answered(reply, known)
      if (reply?.status === 404 && codeOf(reply.body) === 'not-found') {
        return { kind: 'answered', told: null, stage: reply.headers.get('cutover-stage') ?? '', servedBy: '' }
      }
      return toldBy<Seen | null>(reply, (body) => ({ etag: etagOf(reply), value: stateOf(body) }))
    },
    async list(collection, limit, cursor) {
      const query = new URLSearchParams({ limit: String(limit), ...(cursor === null ? {} : { cursor }) })
      const reply = await call('GET', `/api/v1/${collection}?${query}`, null, new Headers())
      return toldBy(reply, pageOf)
    },
    search: null,
    async write(at, { kind, body, ifMatch }, key) {
      const headers = new Headers()
      if (kind !== 'delete') headers.set('content-type', TYPES[kind])
      if (kind === 'create') headers.set('if-none-match', '*')
      if (ifMatch !== null) headers.set('if-match', `"${ifMatch}"`)
      if (key !== null) headers.set('idempotency-key', key)
      const reply = await call(METHODS[kind], pathOf(at), kind === 'delete' ? null : body, headers)
      if (reply?.status === 204) return answered(reply, { etag: null, value: kind === 'delete' ? null : undefined })
      return toldBy(reply, (record) => ({ etag: etagOf(reply), value: stateOf(record) }))
    },
    reconnects: () => 0,
    close: async () => {},
  }
}

interface Reply {
  status: number
  headers: Headers
  body: Json
}

const METHODS = { put: 'PUT', create: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const
const TYPES = { put: 'application/json', create: 'application/json', patch: 'application/merge-patch+json' } as const

function toldBy<T>(reply: Reply | null, read: (body: JsonObject) => T): Told<T> {
  if (reply === null) return { kind: 'unknown' }
  const { status, body } = reply
  if (!isJsonObject(body)) return { kind: 'broken', what: `${status} without a JSON object` }
  if (status === 200 || status === 201) return answered(reply, read(body))
  const code = codeOf(body)
  const meaning = meaningOf(code)
  const fits = meaning === 'refused' ? status === 404 || status === 412 : status === 503
  return meaning === undefined || !fits ? { kind: 'broken', what: `${status} ${code}` } : { kind: meaning }
}

function answered<T>({ headers }: Reply, told: T): Told<T> {
  const stage = headers.get('cutover-stage')
  // A refusal of the platform's own, which no stage has seen.
  if (stage === null) return { kind: 'broken', what: 'an answer without a stage' }
  return { kind: 'answered', told, stage, servedBy: headers.get('cutover-served-by') ?? '' }
}

function parsed(text: string): Json {
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}

function codeOf(body: Json): string {
  return isJsonObject(body) ? String(body.code) : ''
}

function pageOf(body: JsonObject): Page {
  const items = Array.isArray(body.items) ? body.items.filter(isJsonObject) : []
  return {
    items: items.map(({ id, etag, value }) => ({
      id: String(id),
      etag: String(etag).replaceAll('"', ''),
      value: stateOf(isJsonObject(value ?? null) ? (value as JsonObject) : {}),
    })),
    next: typeof body.nextCursor === 'string' ? body.nextCursor : null,
  }
}

function etagOf(reply: Reply | null): string {
  return (reply?.headers.get('etag') ?? '').replaceAll('"', '')
}

function pathOf({ collection, id }: Address): string {
  return `/api/v1/${collection}/${encodeURIComponent(id)}`
}
