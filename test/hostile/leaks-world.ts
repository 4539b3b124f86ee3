import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { vi } from 'vitest'
import { allParts } from '../../api/_surfaces/all.js'
import { type Wired, wire } from '../../lib/wire.js'
import { type RedisGateway, startRedisGateway } from '../../scripts/stack/redis/gateway.js'
import { BASE, SECRET_SETTINGS, SECRETS } from './deployment.js'

/** In records, and so in documents, in Redis and in requests; in no error and in no log. */
export const VALUE = 'credential-4242-in-a-record'
/** In the addresses of servers that a deployment is told to use. */
export const IN_ADDRESS = 'address-4242-never-shown'

export interface Wiring {
  app: Hono
  wired: Wired
  redis: RedisGateway
  dir: string
  close(): Promise<void>
}

/** The real drivers, with everything written to the log: documents in a folder, Redis over REST, a queue, a webhook. */
export async function wiring(documents: { [name: string]: string | Uint8Array }, env = {}): Promise<Wiring> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-leaks-'))
  for (const [name, text] of Object.entries(documents)) await writeFile(join(dir, name), text)
  const redis = await startRedisGateway({ backend: 'embedded', token: SECRETS.redis })
  const echo = await echoServer()
  const wired = await wire({
    ...SECRET_SETTINGS,
    UPSTASH_REDIS_REST_URL: redis.url,
    QSTASH_URL: echo.url,
    CUTOVER_SOURCE_DIR: dir,
    CUTOVER_PUBLIC_URL: BASE,
    CUTOVER_ALERT_WEBHOOK_URL: `${echo.url}/${IN_ADDRESS}`,
    CUTOVER_LOG: 'debug',
    CUTOVER_COMPARE_SHARE: '1',
    CUTOVER_METER_FLUSH_MS: '50',
    // A stream of events is open for as long as its function may live.
    CUTOVER_INVOCATION_MS: '3500',
    CUTOVER_REDIS_TIMEOUT_MS: '500',
    ...env,
  })
  return {
    app: await allParts(wired),
    wired,
    redis,
    dir,
    async close() {
      await wired.drained()
      await redis.close()
      await echo.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A server that is worse than none: it refuses everything, and says so with all that it was sent. */
export async function echoServer(): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const said = `ERR refused ${JSON.stringify(request.headers)} ${request.url} ${body}`
      const status = [400, 401, 403, 500, 200][requests++ % 5] ?? 400
      response.writeHead(status, { 'Content-Type': 'application/json' })
      response.end(JSON.stringify({ error: said, message: said, code: said }))
    })
  })
  let requests = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => closed(server) }
}

/** Everything that is written to the console or to the process's own streams until it is read. */
export function listen(): { heard: () => string; stop: () => void } {
  const texts: string[] = []
  const consoles = (['log', 'info', 'warn', 'error', 'debug', 'trace'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void texts.push(args.map(shown).join(' '))),
  )
  const streams = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation((piece) => {
      texts.push(String(piece))
      return true
    }),
  )
  return {
    heard: () => texts.join('\n'),
    stop: () => [...consoles, ...streams].forEach((spy) => void spy.mockRestore()),
  }
}

/** As a console would show it: errors with their stacks and causes. */
function shown(value: unknown): string {
  if (!(value instanceof Error)) return typeof value === 'string' ? value : JSON.stringify(value)
  return `${value.stack} ${JSON.stringify(value)} ${value.cause === undefined ? '' : shown(value.cause)}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of request) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString()
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}
