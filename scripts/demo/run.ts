import { fileURLToPath } from 'node:url'
import { seededRandom, shuffle } from '../stack/qstash/random.js'
import type { Address } from './clients/client.js'
import { type HttpClient, httpClient } from './clients/http.js'
import { MCP_CLIENTS, mcpClient } from './clients/mcp.js'
import { type CourseResult, travel } from './course.js'
import { type Closing, type Deployment, deploy, startCron } from './deployment.js'
import { finish } from './finish.js'
import { History, keyOf } from './history.js'
import { COLLECTION_NAMES, type Records, readRecords } from './manifests.js'
import { type Operator, operator } from './operator.js'
import type { DemoOptions } from './options.js'
import type { Progress } from './progress.js'
import { isOk, type Report } from './report.js'
import { type Ordeal, soak } from './soak.js'
import { Tally } from './tally.js'
import { runClient } from './traffic.js'

export interface DemoResult {
  report: Report
  /** What went wrong, for people. */
  faults: string[]
  deployment: Deployment
}

const HTTP_CLIENTS = 4
const HOT_PER_COLLECTION = 4
const COLD_SHARE = 0.5
const SHOW_MS = 250
const PACES = {
  normal: { stageMs: 3_500, replaceEveryMs: 8_000, farBack: true },
  fast: { stageMs: 400, replaceEveryMs: 5_000, farBack: false },
}

/** The demo from the first document to the report. `closing` is told what to undo before there is anything to undo. */
export async function runDemo(
  options: DemoOptions,
  progress: Progress,
  closing: (closing: Closing) => void,
): Promise<DemoResult> {
  const startedAt = performance.now()
  const records = await readRecords(fileURLToPath(new URL('../../node_modules', import.meta.url)), options.records)
  const deployment = await deploy(options, records, progress, closing)
  const { proxy, fleet } = deployment
  progress.say(`watch and steer it: ${proxy.url}/ (sign in with ${deployment.token})`)
  const history = historyOf(records)
  const tally = new Tally()
  const control = operator(proxy.url, deployment.token, (line) => progress.show(line))
  const http = Array.from({ length: HTTP_CLIENTS }, (_, number) => httpClient(proxy.url, `http-${number + 1}`))
  const mcp = await Promise.all(MCP_CLIENTS.map((kind) => mcpClient(proxy.url, kind)))
  const clients = [...mcp, ...http]
  const stopCron = startCron(deployment)
  await leaveSpeedAlone(control)

  const random = seededRandom(options.seed)
  const traffic = { history, tally, records, seed: options.seed, ...chooseRecords(records, random) }
  const { replaceEveryMs, ...pace } = PACES[options.pace]
  const course = await underTraffic(
    deployment,
    { replaceEveryMs, show: () => progress.show(standing(history, tally, deployment)) },
    (stop) => Promise.all(clients.map((client, number) => runClient(client, number, traffic, stop))),
    () => {
      const parts = { operator: control, fleet, tally, progress, ...pace, chance: random() }
      if (options.soak === 0) return travel(parts)
      return soak({ ...parts, rounds: options.soak, redis: deployment.redis, history, cold: traffic.cold, random })
    },
  )
  tally.leave()
  progress.say('traffic has ended')
  const reader = http[0] ?? httpClient(proxy.url, 'sweep')
  const end = await finish({ deployment, history, control, progress, stopCron, client: reader, keep: options.keep })
  const reconnects = clients.reduce((sum, client) => sum + client.reconnects(), 0)
  await Promise.all(clients.map((client) => client.close()))
  const counted: Omit<Report, 'ok'> = {
    records: records.projects.size + records.resources.size,
    ...countedBy(history, tally, http),
    reconnects,
    mismatches: history.count('wrong-content') + course.mismatches + end.mismatches,
    foreignKeys: end.foreignKeys?.length ?? null,
    zeroLoss: end.zeroLoss,
    stages: tally.stages,
    rollbacks: course.rollbacks,
    ...(course.ordeals === undefined ? {} : { ordeals: course.ordeals, excusedFailures: tally.excusedFailures }),
    instances: { replaced: fleet.replaced, killed: fleet.killed },
    clients: clients.map(({ name }) => name),
    seed: options.seed,
    durationMs: Math.round(performance.now() - startedAt),
  }
  const violations = history.violations.map(({ kind, key, says }) => `${kind}: ${key} ${says}`)
  return {
    report: { ok: isOk(counted), ...counted },
    faults: [...violations, ...tally.failures, ...end.faults],
    deployment,
  }
}

/** Seven clients, three instances and a Redis share one machine here: how fast they are says nothing of a target. */
async function leaveSpeedAlone(control: Operator): Promise<void> {
  for (const rule of ['latency', 'regression'])
    await control.call('POST', `/rules/${rule}/disarm`, { reason: 'demo: everything is on one machine' })
}

/** The course, with clients at work and instances replaced until it ends; broken off when anything of it fails. */
async function underTraffic(
  { children, fleet }: Deployment,
  { replaceEveryMs, show }: { replaceEveryMs: number; show: () => void },
  work: (stop: AbortSignal) => Promise<unknown>,
  course: () => Promise<CourseResult & { ordeals?: Ordeal[] }>,
): Promise<CourseResult & { ordeals?: Ordeal[] }> {
  const stop = new AbortController()
  let breakOff: (error: unknown) => void = () => {}
  const broken = new Promise<never>((_, reject) => {
    breakOff = reject
  })
  broken.catch(() => {})
  // The course enters its first stage before the first client begins.
  const travelled = course()
  const working = work(stop.signal)
  working.catch(breakOff)
  const replacing = setInterval(() => fleet.replaceOne().catch(breakOff), replaceEveryMs)
  const showing = setInterval(show, SHOW_MS)
  try {
    return await Promise.race([travelled, children.failure, broken])
  } finally {
    clearInterval(replacing)
    clearInterval(showing)
    stop.abort()
    await working.catch(() => {})
  }
}

function historyOf(records: Records): History {
  const history = new History()
  for (const collection of COLLECTION_NAMES)
    for (const [id, value] of records[collection]) history.original(keyOf({ collection, id }), value)
  return history
}

function countedBy(history: History, tally: Tally, http: readonly HttpClient[]) {
  return {
    acknowledgedWrites: tally.writes,
    reads: tally.reads,
    refusals: tally.refusals,
    lostWrites: history.count('lost-write'),
    staleReads: history.count('stale-read'),
    failedCalls: tally.failures.length,
    repeats: http.reduce((sum, client) => sum + client.repeats(), 0),
  }
}

/** Hot: records of both collections that everybody uses, one of them not there yet. Cold: half of the others. */
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

function standing(history: History, tally: Tally, { fleet }: Deployment): string {
  const { name = '', rolloutPercent = 100 } = tally.stages.at(-1) ?? {}
  const parts = [
    `${name}${rolloutPercent === 100 ? '' : ` ${rolloutPercent} %`}`,
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
