import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ProxyServer, startProxy } from '../../scripts/demo/proxy.js'
import { type BlobServer, startBlobServer } from '../../scripts/stack/blob/server.js'
import { type QstashServer, startQstashServer } from '../../scripts/stack/qstash/server.js'
import { type RedisGateway, startRedisGateway } from '../../scripts/stack/redis/gateway.js'
import { randomOf } from '../simulation/random.js'
import { type Fleet, startFleet } from './fleet.js'
import type { ChaosOptions } from './options.js'
import { type MortalRedis, redisMissing, startMortalRedis } from './redis.js'

/**
 * Everything that production has, on this machine: several processes of the built functions behind one address, a real
 * redis-server behind the REST gateway, a queue, documents in a Blob server. Blob and not files: the functions then
 * write nowhere (they run as on Vercel's read-only disk), and the source is reached over a network that can be cut.
 *
 * Without a redis-server the gateway's embedded Redis stands in. It is not killed: a kill would lose what it holds.
 */
export interface World {
  redis: MortalRedis | null
  gateway: RedisGateway
  queue: QstashServer
  blob: BlobServer
  proxy: ProxyServer
  fleet: Fleet
  adminToken: string
  /** The environment of a process next to the servers, with no trouble in between. */
  env: { [name: string]: string }
  /** One call of the cron, as the platform would; the body, or `null`. */
  tick(): Promise<unknown>
  close(): Promise<void>
}

export async function startWorld(options: ChaosOptions): Promise<World> {
  const undo: (() => Promise<unknown>)[] = []
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const work of undo.reverse()) await work()
    })()
    return closed
  }
  try {
    return await open(options, undo, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function open(
  { seed, instances, leaseMs, sabotage }: ChaosOptions,
  undo: (() => Promise<unknown>)[],
  close: () => Promise<void>,
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-chaos-'))
  undo.push(() => rm(dir, { recursive: true, force: true }))
  const redis = redisMissing() === null ? await startMortalRedis() : null
  if (redis !== null) undo.push(() => redis.close())
  const gateway = await startRedisGateway(
    redis === null ? { backend: 'embedded', seed } : { redisUrl: redis.url, seed },
  )
  undo.push(() => gateway.close())
  const queue = await startQstashServer({ seed, backoffScale: QUEUE_BACKOFF_SCALE, timeoutMs: QUEUE_WAIT_MS })
  undo.push(() => queue.close())
  const blob = await startBlobServer()
  undo.push(() => blob.close())
  const proxy = await startProxy()
  undo.push(() => proxy.close())
  const [adminToken, cronSecret] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')]
  const common = {
    UPSTASH_REDIS_REST_TOKEN: gateway.token,
    QSTASH_TOKEN: queue.token,
    QSTASH_CURRENT_SIGNING_KEY: queue.currentSigningKey,
    QSTASH_NEXT_SIGNING_KEY: queue.nextSigningKey,
    UPSTASH_DISABLE_TELEMETRY: '1',
    BLOB_READ_WRITE_TOKEN: blob.token,
    VERCEL_BLOB_RETRIES: '0',
    CUTOVER_PUBLIC_URL: proxy.url,
    CUTOVER_ADMIN_TOKEN: adminToken,
    CRON_SECRET: cronSecret,
    CUTOVER_DOCUMENTS: '2',
    CUTOVER_REDIS_TIMEOUT_MS: '800',
    CUTOVER_METER_FLUSH_MS: '500',
    CUTOVER_METRICS_BUCKET_MS: '250',
    CUTOVER_COMPARE_SHARE: '0.05',
    CUTOVER_LEAVE_BEHIND: String(leaseMs !== null),
    ...(leaseMs === null ? {} : { CUTOVER_LEASE_MS: String(leaseMs) }),
  }
  const at = (origins: { redis: string; blob: string; queue: string }): { [name: string]: string } => ({
    ...common,
    UPSTASH_REDIS_REST_URL: origins.redis,
    QSTASH_URL: origins.queue,
    VERCEL_BLOB_API_URL: blob.apiUrl.replace(originOf(blob.apiUrl), origins.blob),
    CUTOVER_BLOB_READ_URL: blob.readUrl.replace(originOf(blob.readUrl), origins.blob),
  })
  const servers = { redis: gateway.url, blob: originOf(blob.apiUrl), queue: queue.url }
  const vercelJson = join(dir, 'vercel.json')
  await writeFile(vercelJson, await withShortWork())
  const fleet = await startFleet({
    size: instances,
    random: randomOf(seed + 101),
    proxy,
    servers,
    env: (origins) => ({ ...at(origins), CUTOVER_LOG: 'info' }),
    vercelJson,
    sabotage,
  })
  undo.push(() => fleet.close())
  const tick = (): Promise<unknown> => callCron(proxy.url, cronSecret)
  const env = { ...at(servers), CUTOVER_LOG: 'silent' }
  return { redis, gateway, queue, blob, proxy, fleet, adminToken, env, tick, close }
}

/** A worker's lease lasts as long as its invocation may: short, so that what a killed one held is soon free. */
async function withShortWork(): Promise<string> {
  const json = JSON.parse(await readFile(resolve(import.meta.dirname, '../../vercel.json'), 'utf8'))
  json.functions['api/work.ts'].maxDuration = WORK_SECONDS
  return JSON.stringify(json)
}

const WORK_SECONDS = 6
const QUEUE_WAIT_MS = 8_000
/** QStash's second wait is two and a half minutes. */
const QUEUE_BACKOFF_SCALE = 0.002
const CRON_WAIT_MS = 15_000

async function callCron(url: string, secret: string): Promise<unknown> {
  try {
    const headers = { authorization: `Bearer ${secret}` }
    const response = await fetch(`${url}/api/cron/tick`, { headers, signal: AbortSignal.timeout(CRON_WAIT_MS) })
    return response.ok ? await response.json() : null
  } catch {
    return null
  }
}

/** Calls the cron about every so often, also while an earlier call is under way: the platform may do that too. */
export function startCron({ tick }: World): () => void {
  const stop = new AbortController()
  let underWay = 0
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      if (underWay < CRONS_MAX) {
        underWay++
        void tick().finally(() => underWay--)
      }
      await sleep(CRON_MS)
    }
  }
  void loop()
  return () => stop.abort()
}

const CRON_MS = 800
const CRONS_MAX = 2

function originOf(url: string): string {
  return new URL(url).origin
}
