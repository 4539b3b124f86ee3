import type { Hono } from 'hono'
import { allParts } from '../../api/_surfaces/all.js'
import { parseEnvironment } from '../../lib/core/environment.js'
import { defaultMigration } from '../../lib/define.js'
import type { Wired } from '../../lib/wire.js'
import { go, put, type World, world } from '../engine/runs/world.js'
import { KeptLog } from '../http/harness.js'

/** A deployment as production composes it, over stores in memory, with records at both ends of the way. */
export interface Deployment {
  app: Hono
  at: World
  log: KeptLog
  /** Everything that stores, ledger and queue hold, as one text. */
  state(): Promise<string>
  /** The id of the run that was started last. */
  latestRun(): string
}

/** Long and recognisable, so that they can be found wherever they do not belong. */
export const SECRETS = {
  api: 'api-4242-never-shown-Qw',
  viewer: 'viewer-4242-never-shown-Er',
  operator: 'operator-4242-never-shown-Ty',
  admin: 'admin-4242-never-shown-Ui',
  cron: 'cron-4242-never-shown-Op',
  redis: 'redis-4242-never-shown-As',
  queue: 'queue-4242-never-shown-Df',
  currentKey: 'sig_4242_never_shown_Gh',
  nextKey: 'sig_4242_never_shown_Jk',
} as const

export const SECRET_SETTINGS = {
  UPSTASH_REDIS_REST_TOKEN: SECRETS.redis,
  QSTASH_TOKEN: SECRETS.queue,
  QSTASH_CURRENT_SIGNING_KEY: SECRETS.currentKey,
  QSTASH_NEXT_SIGNING_KEY: SECRETS.nextKey,
  CUTOVER_API_TOKEN: SECRETS.api,
  CUTOVER_VIEWER_TOKEN: SECRETS.viewer,
  CUTOVER_OPERATOR_TOKEN: SECRETS.operator,
  CUTOVER_ADMIN_TOKEN: SECRETS.admin,
  CRON_SECRET: SECRETS.cron,
} as const

export const BASE = 'http://cutover.test'

export async function deployment(): Promise<Deployment> {
  const at = world({ names: ['projects', 'resources'] })
  for (let n = 0; n < 12; n++) await put(at, `r${String(n).padStart(4, '0')}`, { name: `Record ${n}`, n })
  await go(at, 'live')
  await at.settled()
  at.queue.takeAll()
  const log = new KeptLog()
  const settings = parseEnvironment({
    ...SECRET_SETTINGS,
    UPSTASH_REDIS_REST_URL: 'https://redis.example',
    CUTOVER_SOURCE_DIR: 'documents',
    CUTOVER_PUBLIC_URL: BASE,
  })
  const wired: Wired = {
    settings,
    migration: defaultMigration,
    documents: at.documents,
    dataPlane: at.plane,
    clock: at.clock,
    log,
    background: at.context.background,
    deadlineAt: () => at.clock.now() + 10_000,
    drained: at.settled,
    control: async () => at.context,
  }
  return { app: await allParts(wired), at, log, state: () => stateOf(at), latestRun: () => latestRunOf(at) }
}

async function stateOf(at: World): Promise<string> {
  await at.settled()
  const { collections, ledger, queue } = at.context
  const documents = await Promise.all((await at.documents.list('')).map((name) => at.documents.get(name)))
  const targets = []
  for (const { target } of collections) targets.push(await target.page(null, 10_000))
  const kept: unknown[] = []
  let after: string | null = null
  for (let page = 0; page < 100; page++) {
    const { items, end } = await ledger.list('', after, 200)
    kept.push(...items)
    after = items.at(-1)?.key ?? after
    if (end) break
  }
  const audit = await ledger.entries('audit', { newestFirst: true, limit: 10 })
  return JSON.stringify([documents, targets, kept, audit, queue.label, at.queue.peek().length])
}

function latestRunOf(at: World): string {
  const body = at.queue.peek().at(-1)?.body as { runId?: string } | undefined
  return body?.runId ?? 'no-such-run'
}
