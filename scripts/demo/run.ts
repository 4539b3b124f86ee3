import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { seededRandom, shuffle } from '../stack/qstash/random.js'
import { type Children, childProcesses } from './children.js'
import type { Address, RecordClient } from './clients/client.js'
import { httpClient } from './clients/http.js'
import { MCP_CLIENTS, mcpClient } from './clients/mcp.js'
import { type CourseResult, travel } from './course.js'
import { finish } from './finish.js'
import { type Fleet, startFleet } from './fleet.js'
import { History, keyOf } from './history.js'
import { COLLECTION_NAMES, documentsFor, type Records, readRecords, writeLegacyDocuments } from './manifests.js'
import { operator } from './operator.js'
import type { DemoOptions } from './options.js'
import type { Progress } from './progress.js'
import { type ProxyServer, startProxy } from './proxy.js'
import { isOk, type Report } from './report.js'
import { Tally } from './tally.js'
import { runClient } from './traffic.js'

export interface DemoResult {
  report: Report
  /** What went wrong, for people. */
  faults: string[]
}

/** Everything the demo has running, so that one call ends it. */
export interface Stage {
  dir: string
  children: Children
  proxy: ProxyServer
  fleet: Fleet
  stackEnv: { [name: string]: string }
  token: string
  secret: string
}

const INSTANCES = 3
const HTTP_CLIENTS = 4
const HOT_PER_COLLECTION = 4
const COLD_SHARE = 0.5
const PACES = {
  normal: { stageMs: 4_000, replaceEveryMs: 6_000 },
  fast: { stageMs: 700, replaceEveryMs: 4_000 },
}

/** The demo from the first document to the report. `closing` ends what it started, also when it was broken off. */
export async function runDemo(
  options: DemoOptions,
  progress: Progress,
  closing: (close: () => Promise<void>) => void,
): Promise<DemoResult & { stage: Stage }> {
  const startedAt = performance.now()
  const records = await readRecords(fileURLToPath(new URL('../../node_modules', import.meta.url)), options.records)
  const total = records.projects.size + records.resources.size
  const stage = await setUp(options, records, progress, closing)
  const { children, proxy, fleet } = stage
  const history = new History()
  for (const collection of COLLECTION_NAMES)
    for (const [id, value] of records[collection]) history.original(keyOf({ collection, id }), value)
  const tally = new Tally()
  const random = seededRandom(options.seed)
  const traffic = { history, tally, records, seed: options.seed, ...chooseRecords(records, random) }
  const clients: RecordClient[] = []
  for (const kind of MCP_CLIENTS) clients.push(await mcpClient(proxy.url, kind))
  const https = Array.from({ length: HTTP_CLIENTS }, (_, number) => httpClient(proxy.url, `http-${number + 1}`))
  clients.push(...https)

  const control = operator(proxy.url, stage.token, (line) => progress.show(line))
  const stop = new AbortController()
  const cron = setInterval(() => void callCron(stage), CRON_MS)
  const { stageMs, replaceEveryMs } = PACES[options.pace]
  const replacing = setInterval(() => void fleet.replaceOne().catch(() => {}), replaceEveryMs)
  const showing = setInterval(() => progress.show(standing(history, tally, fleet)), SHOW_MS)
  let course: CourseResult
  let working: Promise<unknown> = Promise.resolve()
  try {
    const parts = { operator: control, fleet, tally, progress, stageMs, chance: random() }
    // The course enters the first stage before the first client begins.
    const travelled = travel(parts)
    working = Promise.all(clients.map((client, number) => runClient(client, number, traffic, stop.signal)))
    course = await Promise.race([
      travelled,
      children.failure,
      working.then(() => Promise.reject(new Error('Traffic ended early.'))),
    ])
  } finally {
    clearInterval(replacing)
    clearInterval(showing)
    stop.abort()
    await working.catch(() => {})
    tally.leave()
  }
  progress.say('traffic has ended')
  const end = await finish({
    stage,
    history,
    records,
    control,
    progress,
    cron,
    client: https[0] ?? httpClient(proxy.url, 'sweep'),
  })
  const reconnects = clients.reduce((sum, client) => sum + client.reconnects(), 0)
  for (const client of clients) await client.close()
  const counted: Omit<Report, 'ok'> = {
    records: total,
    acknowledgedWrites: tally.writes,
    reads: tally.reads,
    refusals: tally.refusals,
    lostWrites: history.count('lost-write'),
    staleReads: history.count('stale-read'),
    failedCalls: tally.failures.length,
    reconnects,
    mismatches: history.count('wrong-content') + course.mismatches + end.mismatches,
    foreignKeys: end.foreignKeys.length,
    repeats: https.reduce((sum, client) => sum + client.repeats(), 0),
    zeroLoss: end.zeroLoss,
    stages: tally.stages,
    rollbacks: course.rollbacks,
    instances: { replaced: fleet.replaced, killed: fleet.killed },
    clients: clients.map(({ name }) => name),
    seed: options.seed,
    durationMs: Math.round(performance.now() - startedAt),
  }
  const violations = history.violations.map(({ kind, key, says }) => `${kind}: ${key} ${says}`)
  const faults = [
    ...violations,
    ...tally.failures,
    ...end.faults,
    ...end.foreignKeys.map((key) => `foreign key ${key}`),
  ]
  return { report: { ok: isOk(counted), ...counted }, faults, stage }
}

const CRON_MS = 1_000
const SHOW_MS = 250

async function setUp(
  options: DemoOptions,
  records: Records,
  progress: Progress,
  closing: (close: () => Promise<void>) => void,
): Promise<Stage> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-demo-'))
  const children = childProcesses(join(dir, 'processes.log'))
  let proxy: ProxyServer | null = null
  closing(async () => {
    await children.stopAll()
    await proxy?.close()
    await rm(dir, { recursive: true, force: true })
  })
  const documents = documentsFor(records)
  await writeLegacyDocuments(join(dir, 'documents'), records, documents)
  progress.say(
    `${records.projects.size} projects and ${records.resources.size} resources in ${documents} JSON documents each`,
  )
  const stack = await children.start(new URL('./stack-process.ts', import.meta.url), {
    DEMO_REDIS: options.redis,
    DEMO_SEED: String(options.seed),
  })
  proxy = await startProxy()
  const stackEnv = Object.fromEntries(Object.entries(stack.ready).map(([name, value]) => [name, String(value)]))
  const token = randomBytes(24).toString('hex')
  const secret = randomBytes(24).toString('hex')
  const fleet = await startFleet(
    INSTANCES,
    {
      ...NO_OTHERS,
      ...stackEnv,
      CUTOVER_SOURCE_DIR: join(dir, 'documents'),
      CUTOVER_DOCUMENTS: String(documents),
      CUTOVER_PUBLIC_URL: proxy.url,
      CUTOVER_ADMIN_TOKEN: token,
      CRON_SECRET: secret,
      CUTOVER_LOG: 'error',
      CUTOVER_METER_FLUSH_MS: '500',
      CUTOVER_INVOCATION_MS: '5000',
      CUTOVER_COMPARE_SHARE: '0.02',
    },
    children,
    proxy,
  )
  progress.say(`${INSTANCES} instances behind ${proxy.url}`)
  return { dir, children, proxy, fleet, stackEnv, token, secret }
}

/** What the shell may hold and the demo must not use. */
const NO_OTHERS = {
  BLOB_READ_WRITE_TOKEN: '',
  CUTOVER_API_TOKEN: '',
  CUTOVER_REDIS_PREFIX: '',
  CUTOVER_ALERT_WEBHOOK_URL: '',
}

/** Hot: records of both collections that everybody uses, some of them not there yet. Cold: half of all. */
function chooseRecords(records: Records, random: () => number): { hot: Address[]; cold: Address[] } {
  const hot: Address[] = []
  const cold: Address[] = []
  for (const collection of COLLECTION_NAMES) {
    const ids = shuffle([...records[collection].keys()], random).map((id) => ({ collection, id }))
    hot.push(...ids.slice(0, HOT_PER_COLLECTION), { collection, id: 'demo/hot ✓' })
    cold.push(...ids.slice(HOT_PER_COLLECTION, HOT_PER_COLLECTION + Math.ceil(ids.length * COLD_SHARE)))
  }
  return { hot, cold }
}

async function callCron({ proxy, secret }: Stage): Promise<void> {
  const headers = { authorization: `Bearer ${secret}` }
  await fetch(`${proxy.url}/api/cron/tick`, { headers }).catch(() => {})
}

function standing(history: History, tally: Tally, fleet: Fleet): string {
  const stage = tally.stages.at(-1)
  const parts = [
    `${stage?.name ?? ''}${stage?.rolloutPercent === 100 ? '' : ` ${stage?.rolloutPercent} %`}`,
    `${tally.reads} reads`,
    `${tally.writes} writes`,
    `${history.count('lost-write')} lost`,
    `${history.count('stale-read')} stale`,
    `${tally.failures.length} failed`,
    `${fleet.replaced} replaced`,
    `${fleet.killed} killed`,
  ]
  return parts.join('  ')
}

/** The end of what the processes wrote, for when something went wrong. */
export async function processLog({ dir }: { dir: string }): Promise<string> {
  const text = await readFile(join(dir, 'processes.log'), 'utf8').catch(() => '')
  return text.split('\n').slice(-40).join('\n')
}
