import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { allParts } from '../api/_surfaces/all.js'
import { wire } from '../lib/wire.js'
import { homePart } from './stack/home.js'
import { startStack } from './stack/stack.js'

/**
 * The local stack, until it is stopped: Redis over REST, the queue, the functions in one server, the cron. What is set
 * in the environment (a real Upstash, a QStash, Blob) is used, and the local part then stands idle. `--redis embedded`
 * does without a `redis-server` that is installed.
 */
const CRON_MS = 5_000

const { values } = parseArgs({ options: { redis: { type: 'string', default: 'auto' } } })
const backend = values.redis
if (backend !== 'auto' && backend !== 'embedded' && backend !== 'redis-server') {
  console.error('--redis takes auto, embedded or redis-server.')
  process.exit(2)
}

const port = Number(process.env.PORT ?? 3000)
const dataDir = resolve(process.env.CUTOVER_DATA_DIR ?? '.cutover')
await mkdir(join(dataDir, 'documents'), { recursive: true })

const stack = await startStack({ dataDir, backend })
const secrets = await keptSecrets(join(dataDir, 'secrets.json'))
const env = {
  ...stack.env,
  ...secrets,
  CUTOVER_SOURCE_DIR: join(dataDir, 'documents'),
  CUTOVER_PUBLIC_URL: `http://127.0.0.1:${port}`,
  ...process.env,
}
const wired = await wire(env)
const app = await allParts(wired, { dashboard: homePart() })
const server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => print(`http://127.0.0.1:${port}`))
const cron = setInterval(callCron, CRON_MS)

async function callCron(): Promise<void> {
  const headers = { authorization: `Bearer ${env.CRON_SECRET}` }
  await fetch(`http://127.0.0.1:${port}/api/cron/tick`, { headers }).catch(() => {})
}

function print(url: string): void {
  console.log(`cutover is up, with its data in ${dataDir} (Redis: ${stack.redis.backend})

  overview     ${url}/
  API          ${url}/api/v1/projects   described at ${url}/docs
  MCP          ${url}/mcp
  operators    CUTOVER_URL=${url} CUTOVER_ADMIN_TOKEN=${env.CUTOVER_ADMIN_TOKEN} npm run -s cutover -- migration-status
  Redis (REST) ${stack.redis.url}
  queue        ${stack.queue.url}

Stop it with Ctrl-C; everything is there again at the next start.`)
}

/** Tokens of this machine, made once and kept beside the data. */
async function keptSecrets(path: string): Promise<{ CUTOVER_ADMIN_TOKEN: string; CRON_SECRET: string }> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    const made = { CUTOVER_ADMIN_TOKEN: randomBytes(24).toString('hex'), CRON_SECRET: randomBytes(24).toString('hex') }
    await writeFile(path, JSON.stringify(made), { mode: 0o600 })
    return made
  }
}

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  clearInterval(cron)
  server.close()
  await wired.drained()
  await stack.close()
  process.exit(0)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
