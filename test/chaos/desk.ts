import { setTimeout as sleep } from 'node:timers/promises'
import { isJsonObject, type Json, type JsonObject } from '../../lib/core/json.js'

/** The operators' verbs over HTTP, as anybody with the token calls them. */
export interface Desk {
  /** `silence`: no answer came. `unavailable`: the server says so, with a code that is known. */
  call(method: 'GET' | 'POST', path: string, body?: JsonObject): Promise<Said>
}

export type Said =
  | { kind: 'done'; body: Json }
  | { kind: 'refused'; reason: string }
  | { kind: 'unavailable' | 'silence' }
  | { kind: 'broken'; what: string }

const PATIENCE_MS = 12_000

export function desk(url: string, token: string): Desk {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  return {
    async call(method, path, body) {
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      try {
        const signal = AbortSignal.timeout(PATIENCE_MS)
        const response = await fetch(`${url}/api/migration${path}`, { method, headers, signal, ...sent })
        return meaningOf(response.status, parsed(await response.text()))
      } catch {
        return { kind: 'silence' }
      }
    },
  }
}

function meaningOf(status: number, body: Json): Said {
  const { code = '', reason = '', details = null } = isJsonObject(body) ? body : {}
  if (status === 200) return { kind: 'done', body }
  if (status === 503 && ['unavailable', 'contended', 'outcome-unknown'].includes(String(code)))
    return { kind: 'unavailable' }
  // A refusal by its reason, a contradiction (a run under way, another operator) by its code.
  if (status === 409) return { kind: 'refused', reason: String(reason || code || details) }
  return { kind: 'broken', what: `${status} ${String(code)}` }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

export interface ShownRun {
  runId: string
  kind: string
  collection: string
  status: string
  reason: string | null
  result: JsonObject
}

export function shownRun(body: Json): ShownRun {
  const run = isJsonObject(body) ? body : {}
  const result = isJsonObject(run.result ?? null) ? (run.result as JsonObject) : {}
  const [kind, collection, status] = [run.kind, run.collection, run.status].map(String)
  const reason = run.reason === null ? null : String(run.reason)
  return {
    runId: String(run.runId),
    kind: kind ?? '',
    collection: collection ?? '',
    status: status ?? '',
    reason,
    result,
  }
}

/** The run when it has ended, or as it stands after so long; `null` where nobody could say. */
export async function followed({ call }: Desk, runId: string, withinMs: number, stop?: AbortSignal) {
  let run: ShownRun | null = null
  for (const until = performance.now() + withinMs; performance.now() < until && !stop?.aborted; await sleep(LOOK_MS)) {
    const said = await call('GET', `/runs/${runId}`)
    if (said.kind !== 'done') continue
    run = shownRun(said.body)
    if (run.status !== 'running' && run.status !== 'paused') break
  }
  return run
}

const LOOK_MS = 100
