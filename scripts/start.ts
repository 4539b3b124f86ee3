import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import { allParts } from '../api/_surfaces/all.js'
import { CutoverError } from '../lib/core/error.js'
import { startUp } from '../lib/engine/switches/start-up.js'
import { wire } from '../lib/wire.js'
import { assetsPart } from './stack/files.js'
import { type Stack, type StackOptions, startStack } from './stack/stack.js'

/**
 * The local stack, until it is stopped: Redis over REST, the queue, the functions in one server, the cron. What is set
 * in the environment (a real Upstash, a QStash, Blob) is used, and the local part then stands idle. `--redis embedded`
 * does without a `redis-server` that is installed.
 */
const CRON_MS = 5_000
/** What requests under way are given to end, when it is stopped. */
const LAST_REQUESTS_MS = 2_000

const backend = redisChoice()
const port = portChoice()
const dataDir = resolve(process.env.CUTOVER_DATA_DIR || '.cutover')
let stack: Stack | undefined
const { wired, env, server, redis, queue } = await start().catch(async (error: unknown) => {
  await stack?.close().catch(() => {})
  const known = error instanceof CutoverError || (error instanceof Error && 'code' in error)
  console.error('The local stack did not start.', known ? error.message : error)
  process.exit(1)
})
print(`http://127.0.0.1:${port}`)
const cron = setInterval(callCron, CRON_MS)

async function start() {
  await mkdir(join(dataDir, 'documents'), { recursive: true })
  const secrets = await keptSecrets(join(dataDir, 'secrets.json'))
  stack = await startStack({ dataDir, backend })
  const env = {
    ...stack.env,
    ...secrets,
    CUTOVER_SOURCE_DIR: join(dataDir, 'documents'),
    CUTOVER_METRICS_BUCKET_MS: '1000',
    CUTOVER_PUBLIC_URL: `http://127.0.0.1:${port}`,
    // What is empty counts as not set, as everywhere.
    ...Object.fromEntries(Object.entries(process.env).filter(([, value]) => value?.trim())),
  }
  const wired = await wire(env)
  await startUp(await wired.control())
  const app = await allParts(wired, { files: assetsPart() })
  const server = await new Promise<ServerType>((up, failed) => {
    const opened = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => up(opened))
    opened.once('error', failed)
  })
  return { wired, env, server, redis: stack.redis, queue: stack.queue }
}

function redisChoice(): StackOptions['backend'] {
  const given = process.argv.slice(2).join(' ')
  const choice = given === '' ? 'auto' : /^--redis[ =](.*)$/.exec(given)?.[1]
  if (choice === 'auto' || choice === 'embedded' || choice === 'redis-server') return choice
  return usage('The one option is --redis auto, embedded or redis-server.')
}

function portChoice(): number {
  const chosen = Number(process.env.PORT || 3000)
  return Number.isInteger(chosen) && chosen >= 1 && chosen <= 65_535 ? chosen : usage('PORT is a number up to 65535.')
}

function usage(message: string): never {
  console.error(message)
  process.exit(2)
}

async function callCron(): Promise<void> {
  const headers = { authorization: `Bearer ${env.CRON_SECRET}` }
  await fetch(`http://127.0.0.1:${port}/api/cron/tick`, { headers }).catch(() => {})
}

function print(url: string): void {
  console.log(`cutover is up, with its data in ${dataDir} (Redis: ${redis.backend})

  dashboard    ${url}/   sign in with ${env.CUTOVER_ADMIN_TOKEN}
  API          ${url}/api/v1/projects   described at ${url}/docs
  MCP          ${url}/mcp
  operators    CUTOVER_URL=${url} CUTOVER_ADMIN_TOKEN=${env.CUTOVER_ADMIN_TOKEN} npm run -s cutover -- migration-status
  documents    ${wired.documents.label}
  Redis (REST) UPSTASH_REDIS_REST_URL=${redis.url} UPSTASH_REDIS_REST_TOKEN=${redis.token}
  queue        QSTASH_URL=${queue.url} QSTASH_TOKEN=${queue.token}

Stop it with Ctrl-C; everything is there again at the next start.`)
}

interface Secrets {
  CUTOVER_ADMIN_TOKEN: string
  CRON_SECRET: string
}

/** Tokens of this machine, made once and kept beside the data. */
async function keptSecrets(path: string): Promise<Secrets> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
  if (text !== null) return secretsOf(text, path)
  const made = { CUTOVER_ADMIN_TOKEN: randomBytes(24).toString('hex'), CRON_SECRET: randomBytes(24).toString('hex') }
  await writeFile(path, JSON.stringify(made), { mode: 0o600 })
  return made
}

function secretsOf(text: string, path: string): Secrets {
  try {
    const { CUTOVER_ADMIN_TOKEN, CRON_SECRET } = JSON.parse(text) as Partial<Secrets>
    if (CUTOVER_ADMIN_TOKEN && CRON_SECRET) return { CUTOVER_ADMIN_TOKEN, CRON_SECRET }
  } catch {
    // said below
  }
  throw new CutoverError('configuration', `${path} is damaged. Delete it, and new tokens will be made.`)
}

let stopping = false
async function stop(): Promise<void> {
  if (stopping) return
  stopping = true
  clearInterval(cron)
  const closed = new Promise((over) => server.close(over))
  // Whoever goes on asking over a connection that is kept, or reads the event stream, would hold it open for good.
  const cut = setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), LAST_REQUESTS_MS)
  await closed
  clearTimeout(cut)
  await wired.drained()
  await stack?.close()
  process.exit(0)
}
process.on('SIGINT', stop)
process.on('SIGTERM', stop)
