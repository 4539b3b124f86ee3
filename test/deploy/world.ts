import { type Launched, launch } from '../../scripts/build/launch.js'
import { type BlobServer, startBlobServer } from '../../scripts/stack/blob/server.js'
import { type Stack, startStack } from '../../scripts/stack/stack.js'

/** What production has around the functions: Redis over REST, a queue, documents in Blob, secrets. */
export interface Surroundings {
  stack: Stack
  blob: BlobServer
  env: { [name: string]: string }
  close(): Promise<void>
}

export const TOKENS = {
  CUTOVER_API_TOKEN: 'api-token-of-the-test',
  CUTOVER_ADMIN_TOKEN: 'admin-token-of-the-test',
  CUTOVER_OPERATOR_TOKEN: 'operator-token-of-the-test',
  CUTOVER_VIEWER_TOKEN: 'viewer-token-of-the-test',
  CRON_SECRET: 'cron-secret-of-the-test',
}

export async function surroundings(): Promise<Surroundings> {
  const stack = await startStack({ backend: 'embedded' })
  const blob = await startBlobServer()
  return {
    stack,
    blob,
    env: {
      ...stack.env,
      ...TOKENS,
      BLOB_READ_WRITE_TOKEN: blob.token,
      VERCEL_BLOB_API_URL: blob.apiUrl,
      CUTOVER_BLOB_READ_URL: blob.readUrl,
      VERCEL_BLOB_RETRIES: '0',
    },
    async close() {
      await stack.close()
      await blob.close()
    },
  }
}

export type Ask = (path: string, options?: AskOptions) => Promise<Answer>

interface AskOptions {
  method?: string
  /** The bearer token; the API's by default, `null` for none. */
  token?: string | null
  headers?: { [name: string]: string }
  /** Sent as it is if it is a text, else as JSON. */
  body?: unknown
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** The body as JSON. */
  json: () => Json
}

/** JSON of which a test says what it expects. */
export type Json = { [name: string]: unknown }

export function asker(send: (path: string, init: RequestInit) => Promise<Response>): Ask {
  return async (path, { method = 'GET', token = TOKENS.CUTOVER_API_TOKEN, headers = {}, body } = {}) => {
    const carried = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await send(path, {
      method,
      ...carried,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: () => JSON.parse(text) as Json }
  }
}

export async function deployed(
  options: Parameters<typeof launch>[0],
): Promise<{ launched: Launched; ask: Ask; operate: Operate }> {
  const launched = await launch(options)
  const ask = asker((path, init) => fetch(launched.url + path, init))
  return { launched, ask, operate: operator(ask) }
}

type Operate = (verb: string, body?: object) => Promise<Json>

/** Calls a control route of a collection, such as `projects/advance`, and expects it to be done. */
export function operator(ask: Ask): Operate {
  return async (verb, body = {}) => {
    const token = TOKENS.CUTOVER_OPERATOR_TOKEN
    const answer = await ask(`/api/migration/collections/${verb}`, { method: 'POST', token, body })
    if (answer.status !== 200) throw new Error(`${verb}: ${answer.status} ${answer.text}`)
    return answer.json()
  }
}

/** The run when it has ended. */
export async function ended(ask: Ask, runId: unknown, withinMs = 60_000): Promise<Json> {
  for (const until = Date.now() + withinMs; ; ) {
    const run = (await ask(`/api/migration/runs/${runId}`, { token: TOKENS.CUTOVER_VIEWER_TOKEN })).json()
    if (run.status !== 'running') return run
    if (Date.now() > until) throw new Error(`The run did not end: ${JSON.stringify(run)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
