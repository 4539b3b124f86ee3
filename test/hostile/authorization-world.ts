import type { Hono } from 'hono'
import { allParts } from '../../api/_surfaces/all.js'
import { parseEnvironment } from '../../lib/core/environment.js'
import { defaultMigration } from '../../lib/define.js'
import type { DocumentStore } from '../../lib/ports/document.js'
import type { Wired } from '../../lib/wire.js'
import { put, type World, world } from '../engine/runs/world.js'
import { BASE, KeptLog } from '../http/harness.js'

/** A deployment as production composes it, over stores in memory: every surface, the real doors, the real verbs. */
export interface Deployed {
  app: Hono
  at: World
  log: KeptLog
  /** Every question that was put to a store or to the ledger, every document that was looked at. */
  touched: string[]
  /** Milliseconds that one delivery of the queue may work. */
  invocation: { ms: number }
  ask(asked: Asked): Promise<Answer>
}

export interface Asked {
  method: string
  path: string
  headers?: readonly (readonly [name: string, value: string])[]
  /** Sent as it is if it is text or bytes, else as JSON. */
  body?: unknown
}

export interface Answer {
  status: number
  headers: Headers
  text: string
  /** Stores or ledger were asked, or a message was published, before the answer. */
  touched: boolean
}

/** In upper and lower case, so that a comparison that ignores case would show. */
export const SECRETS = {
  api: 'Api-Token-0f8b3Kq',
  viewer: 'Viewer-Token-72cXe',
  operator: 'Operator-Token-9Ypd',
  admin: 'Admin-Token-4hTzW1',
  cron: 'Cron-Secret-aM6vR2',
  currentKey: 'sig_Current5JtGs8',
  nextKey: 'sig_Next3LuQwE7',
  queue: 'Queue-Token-bN1xF4',
  redis: 'Redis-Token-kD8oS0',
} as const

export const PUBLIC_URL = 'https://cutover.example'

export const ENVIRONMENT = {
  UPSTASH_REDIS_REST_URL: 'https://redis.example',
  UPSTASH_REDIS_REST_TOKEN: SECRETS.redis,
  QSTASH_TOKEN: SECRETS.queue,
  QSTASH_CURRENT_SIGNING_KEY: SECRETS.currentKey,
  QSTASH_NEXT_SIGNING_KEY: SECRETS.nextKey,
  CUTOVER_SOURCE_DIR: 'documents',
  CUTOVER_PUBLIC_URL: PUBLIC_URL,
  CUTOVER_API_TOKEN: SECRETS.api,
  CUTOVER_VIEWER_TOKEN: SECRETS.viewer,
  CUTOVER_OPERATOR_TOKEN: SECRETS.operator,
  CUTOVER_ADMIN_TOKEN: SECRETS.admin,
  CRON_SECRET: SECRETS.cron,
}

/** `without`: variables that are left out of the environment; `set`: variables that differ. */
export async function deploy(
  change: { without?: readonly (keyof typeof ENVIRONMENT)[]; set?: { [name: string]: string } } = {},
): Promise<Deployed> {
  const env: { [name: string]: string } = { ...ENVIRONMENT, ...change.set }
  for (const name of change.without ?? []) delete env[name]
  const at = world({ names: ['projects', 'resources'] })
  for (const id of ['a', 'b']) await put(at, id, { name: id })
  await at.settled()
  const touched: string[] = []
  const log = new KeptLog()
  const invocation = { ms: 10_000 }
  at.faults.before = (store, call) => void touched.push(`${store}.${call}`)
  const wired: Wired = {
    settings: parseEnvironment(env),
    migration: defaultMigration,
    documents: noted(at.documents, touched),
    dataPlane: at.plane,
    clock: at.clock,
    log,
    background: at.context.background,
    deadlineAt: () => at.clock.now() + invocation.ms,
    drained: at.settled,
    control: async () => at.context,
  }
  const app = await allParts(wired)
  const ask = async (asked: Asked): Promise<Answer> => {
    const before = touched.length + at.queue.peek().length
    const answer = await app.request(BASE + asked.path, requestOf(asked))
    const text = await answer.text()
    await at.settled()
    const after = touched.length + at.queue.peek().length
    return { status: answer.status, headers: answer.headers, text, touched: after !== before }
  }
  return { app, at, log, touched, invocation, ask }
}

function requestOf({ method, headers = [], body }: Asked): RequestInit {
  const sent = new Headers(headers.map(([name, value]): [string, string] => [name, value]))
  if (body === undefined) return { method, headers: sent }
  if (!sent.has('content-type')) sent.set('content-type', 'application/json')
  const raw = typeof body === 'string' || body instanceof Uint8Array
  return { method, headers: sent, body: raw ? (body as BodyInit) : JSON.stringify(body) }
}

/** The same documents, with a note of every call. */
function noted(documents: DocumentStore, touched: string[]): DocumentStore {
  return new Proxy(documents, {
    get(of, name: keyof DocumentStore) {
      if (name !== 'label') touched.push(`documents.${name}`)
      return of[name]
    },
  })
}
