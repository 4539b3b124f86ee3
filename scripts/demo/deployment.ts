import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Children, childProcesses } from './children.js'
import { type Fleet, startFleet } from './fleet.js'
import { documentsFor, type Records, writeLegacyDocuments } from './manifests.js'
import type { DemoOptions } from './options.js'
import type { Progress } from './progress.js'
import { type ProxyServer, startProxy } from './proxy.js'

/** The application as deployed: its documents, the local stack, function instances, and the address of them all. */
export interface Deployment {
  /** Where the JSON documents are. */
  documents: string
  children: Children
  proxy: ProxyServer
  fleet: Fleet
  redis: { url: string; token: string }
  token: string
  cronSecret: string
}

/** What has to be undone, however the demo ends. */
export interface Closing {
  /** Ends what was started and removes what was written. */
  close: () => Promise<void>
  /** The last lines that the processes wrote. */
  log: () => Promise<string>
}

const INSTANCES = 3
const LOG_LINES = 40

/** What the shell may hold and the demo must not use. */
const NOT_THESE = {
  BLOB_READ_WRITE_TOKEN: '',
  CUTOVER_API_TOKEN: '',
  CUTOVER_REDIS_PREFIX: '',
  CUTOVER_ALERT_WEBHOOK_URL: '',
}

export async function deploy(
  options: DemoOptions,
  records: Records,
  progress: Progress,
  closing: (closing: Closing) => void,
): Promise<Deployment> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-demo-'))
  const logFile = join(dir, 'processes.log')
  const children = childProcesses(logFile)
  let proxy: ProxyServer | null = null
  closing({
    async close() {
      await children.stopAll()
      await proxy?.close()
      await rm(dir, { recursive: true, force: true })
    },
    log: async () => (await readFile(logFile, 'utf8').catch(() => '')).split('\n').slice(-LOG_LINES).join('\n'),
  })
  const count = documentsFor(records)
  const documents = join(dir, 'documents')
  await writeLegacyDocuments(documents, records, count)
  const { projects, resources } = records
  progress.say(`${projects.size} projects and ${resources.size} resources, each in ${count} JSON documents`)
  const stack = await children.start(new URL('./stack-process.ts', import.meta.url), {
    DEMO_REDIS: options.redis,
    DEMO_SEED: String(options.seed),
  })
  proxy = await startProxy()
  const stackEnv = Object.fromEntries(Object.entries(stack.ready).map(([name, value]) => [name, String(value)]))
  const [token, cronSecret] = [randomBytes(24).toString('hex'), randomBytes(24).toString('hex')]
  const env = {
    ...NOT_THESE,
    ...stackEnv,
    CUTOVER_SOURCE_DIR: documents,
    CUTOVER_DOCUMENTS: String(count),
    CUTOVER_PUBLIC_URL: proxy.url,
    CUTOVER_ADMIN_TOKEN: token,
    CRON_SECRET: cronSecret,
    CUTOVER_LOG: 'error',
    CUTOVER_METER_FLUSH_MS: '500',
    CUTOVER_INVOCATION_MS: '15000',
    CUTOVER_METRICS_BUCKET_MS: '500',
    CUTOVER_COMPARE_SHARE: options.soak > 0 ? '0.5' : '0.02',
  }
  const fleet = await startFleet(INSTANCES, env, children, proxy)
  progress.say(`${INSTANCES} instances behind ${proxy.url}`)
  const redis = { url: stackEnv.UPSTASH_REDIS_REST_URL ?? '', token: stackEnv.UPSTASH_REDIS_REST_TOKEN ?? '' }
  return { documents, children, proxy, fleet, redis, token, cronSecret }
}

const CRON_MS = 1_000

/** Calls the cron route as the platform would, only more often; one call at a time. */
export function startCron({ proxy, cronSecret }: Deployment): () => void {
  const headers = { authorization: `Bearer ${cronSecret}` }
  const stop = new AbortController()
  const loop = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await fetch(`${proxy.url}/api/cron/tick`, { headers, signal: stop.signal }).catch(() => {})
      await sleep(CRON_MS)
    }
  }
  void loop()
  return () => stop.abort()
}
