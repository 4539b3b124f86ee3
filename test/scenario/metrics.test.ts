import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commandContext } from '../../api/_surfaces/context.js'
import { commands } from '../../lib/commands/index.js'
import { redisClient } from '../../lib/drivers/redis/client.js'
import { operatorTools } from '../../lib/mcp/operator-tools.js'
import { cutover } from '../cli/toys.js'
import { type RunningApp, runApp } from './running-app.js'

/** What clients do, as metrics show it: over HTTP, on the command line, as a tool, to Prometheus and to a collector. */
const ADMIN = 'admin-token-of-the-test'
const CRON = 'cron-secret-of-the-test'
const READS = 25

let app: RunningApp
const told: string[] = []
const collector = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    told.push(Buffer.concat(chunks).toString())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
})

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  const records = Object.fromEntries(Array.from({ length: 5 }, (_, n) => [`p${n}`, { name: `project ${n}` }]))
  app = await runApp(
    { 'projects.json': JSON.stringify(records), 'resources.json': '{}' },
    {
      CUTOVER_ADMIN_TOKEN: ADMIN,
      CRON_SECRET: CRON,
      CUTOVER_METER_FLUSH_MS: '50',
      CUTOVER_METRICS_BUCKET_MS: '200',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
    },
  )
}, 60_000)
afterAll(async () => {
  await app.close()
  collector.close()
})

interface Shown {
  components: { component: string; operations: { operation: string; paths: { [member: string]: unknown }[] }[] }[]
}

async function shown(): Promise<Shown> {
  const path = `${app.url}/api/migration/metrics?component=projects&windowMinutes=10`
  const answer = await fetch(path, { headers: { authorization: `Bearer ${ADMIN}` } })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Shown
}

test('every read that was answered is shown, alike on every surface, and nothing is left when all is over', async () => {
  for (let n = 0; n < READS; n++) {
    expect((await fetch(`${app.url}/api/v1/projects/p${n % 5}`)).status).toBe(200)
  }
  const { dataPlane } = await app.wired.control() // back-ups and exports read through it
  expect((await dataPlane.list('projects', null, 10)).items.length).toBe(5)
  await app.wired.metrics?.flush()
  await new Promise((resolve) => setTimeout(resolve, 300)) // the bucket ends
  const http = await shown()
  const reads = http.components[0]?.operations.find(({ operation }) => operation === 'read')
  expect(reads?.paths).toMatchObject([{ path: 'source', count: READS, errors: 0, p50Ms: expect.any(Number) }])
  const runtime = http.components[0]?.operations.find(({ operation }) => operation === 'runtime')
  expect(runtime?.paths).toMatchObject([{ sums: { connections: READS }, peaks: { memoryShare: expect.any(Number) } }])

  const parts = { url: app.url, tokens: { admin: ADMIN }, parts: { commands } }
  const cli = await cutover(parts, '--json', 'show-metrics', '--component', 'projects')
  expect(JSON.parse(cli.out)).toMatchObject({ components: [{ operations: [{ paths: [{ count: READS }] }, {}] }] })

  const tools = operatorTools(commands, await commandContext(app.wired))
  expect(JSON.stringify(tools.map(({ name }) => name))).toContain('show_metrics')

  const scrape = await fetch(`${app.url}/api/migration/metrics/prometheus`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  })
  expect(await scrape.text()).toContain(
    `cutover_operations_total{component="projects",path="source",operation="read"} ${READS}\n`,
  )

  const series = await fetch(`${app.url}/api/migration/metrics/series?component=projects&operation=read`, {
    headers: { authorization: `Bearer ${ADMIN}` },
  })
  const { points } = (await series.json()) as { points: { series: { count: number }[] }[] }
  expect(points.flatMap((point) => point.series).reduce((sum, { count }) => sum + count, 0)).toBe(READS)
}, 30_000)

test('the cron tells a collector of it, each read once', async () => {
  const engine = await app.wired.control()
  const lagMs = engine.telemetry?.lagMs ?? 0
  const { clock } = engine
  const { exportMetrics } = await import('../../lib/engine/metrics/export.js')
  for (let at = 0; at < 3; at++) {
    // As the cron will a lag later.
    const later = { ...clock, now: () => clock.now() + lagMs + 1_000 + at * 60_000 }
    await exportMetrics({ ...engine, clock: later }, later.now() + 60_000)
  }
  const counts = told.flatMap((text) => {
    const { metrics } = JSON.parse(text).resourceMetrics[0].scopeMetrics[0]
    const operations = metrics.find(({ name }: { name: string }) => name === 'cutover.operations')
    return (operations?.sum.dataPoints ?? []).map(({ asInt }: { asInt: string }) => Number(asInt))
  })
  expect(told.length).toBeGreaterThan(0)
  expect(counts.reduce((sum: number, count: number) => sum + count, 0)).toBe(READS)
  const tick = await fetch(`${app.url}/api/cron/tick`, { headers: { authorization: `Bearer ${CRON}` } })
  expect(await tick.json()).toMatchObject({ turns: { metrics: { kind: expect.any(String) } } })
}, 30_000)

test('removed, none of it is left in the database', async () => {
  const { UPSTASH_REDIS_REST_URL: url = '', UPSTASH_REDIS_REST_TOKEN: token = '' } = app.stack.env
  const client = redisClient({ url, token, timeoutMs: 15_000 })
  const kept = async () => ((await client.command(['KEYS', '*cutover:metrics:*'])) as unknown[]).length
  expect(await kept()).toBeGreaterThan(0)
  const { metrics } = await app.wired.control()
  await metrics.destroy()
  expect(await kept()).toBe(0)
}, 30_000)
