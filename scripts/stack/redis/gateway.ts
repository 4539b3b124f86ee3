import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdmin } from './admin.js'
import type { RedisBackend } from './backends/backend.js'
import { openBackend } from './backends/open.js'
import { createDataHandler } from './data.js'
import { type FaultRule, Faults } from './faults.js'
import { type GatewayStats, Stats } from './stats.js'

/**
 * Starts an HTTP server on loopback that answers as Upstash Redis does, over a Redis that runs on this machine.
 *
 * What it is: a development tool. It lets the product use the official @upstash/redis client, unchanged, on a laptop
 * and in tests, and lets a test break the connection at any chosen command.
 *
 * What it is not: a server for the open network (no TLS, one token, loopback only), and not a model of Upstash's
 * quotas, throttling or replicas: there is one node, so a read always sees the last write. It offers what the backend
 * offers; JSON.*, HEXPIRE, SET IFEQ, subscriptions and MONITOR are not there.
 *
 * What survives a restart, given a `dataDir`:
 * - `redis-server` writes an append-only file, flushed to disk every second. A SIGKILL of this process loses nothing
 *   that was acknowledged, since the server is then told to stop and does so in order. A SIGKILL of the server, or a
 *   crash of the machine, loses at most about the last second.
 * - `embedded` keeps everything in this process and writes a whole snapshot 250 ms after the last write, at most about
 *   a second after the first write since the last snapshot, and on `close()`. A SIGKILL loses every write since that
 *   snapshot, acknowledged or not, but never half of a script or transaction: a snapshot is taken between commands.
 * Without a `dataDir` nothing survives. With `redisUrl` durability is that server's own affair.
 */
export async function startRedisGateway(options: RedisGatewayOptions = {}): Promise<RedisGateway> {
  const token = options.token ?? randomBytes(24).toString('hex')
  const backend = await openBackend(options)
  const state = { down: false }
  const faults = new Faults(options.seed ?? 1)
  const stats = new Stats()
  const admin = createAdmin({ token, faults, stats, state })
  const data = createDataHandler({ token, backend, faults, stats, state })
  const server = createServer((request, response) => {
    const handle = request.url?.startsWith('/__admin/') ? admin : data
    handle(request, response).catch((error: unknown) => {
      // The outcome is not known here, and the client has to see it so: as a connection that broke.
      process.emitWarning(`Redis gateway: ${error instanceof Error ? error.message : 'request failed'}`)
      request.socket.destroy()
    })
  })
  // Longer than a client keeps an idle connection; otherwise a request can meet a connection that is just closing.
  server.keepAliveTimeout = KEEP_ALIVE_MS
  try {
    await listen(server, options.port ?? 0)
  } catch (error) {
    await backend.close()
    throw error
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    backend: backend.kind,
    stats: () => stats.read(),
    resetStats: () => stats.reset(),
    faults: { add: (rule) => faults.add(rule), clear: () => faults.clear() },
    outage: (down) => {
      state.down = down
    },
    close: once(() => stop(server, backend)),
  }
}

export interface RedisGatewayOptions {
  /** Port on 127.0.0.1; 0, the default, lets the system choose. */
  port?: number
  /** The bearer token; a random one by default. */
  token?: string
  /**
   * `auto`, the default: the one that already has data in `dataDir`, otherwise `redis-server` if it is on PATH,
   * otherwise `embedded`.
   */
  backend?: 'embedded' | 'redis-server' | 'auto'
  /** An existing Redis (`redis://...`) to use in place of starting one. */
  redisUrl?: string
  /** Directory for the data; created if absent. Without it nothing is written to disk. */
  dataDir?: string
  /** Seed of the randomness behind a fault's `probability`; 1 by default. */
  seed?: number
}

export interface RedisGateway {
  url: string
  token: string
  backend: 'embedded' | 'redis-server'
  stats(): GatewayStats
  resetStats(): void
  faults: { add(rule: FaultRule): void; clear(): void }
  /** While down, every data request finds its socket closed; admin calls still work. */
  outage(down: boolean): void
  /** Writes what is not yet on disk, then stops the server and everything that was started for it. */
  close(): Promise<void>
}

const KEEP_ALIVE_MS = 75_000
const DRAIN_MS_MAX = 1_000

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function stop(server: Server, backend: RedisBackend): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS_MAX)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
  await backend.close()
}

function once(run: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  return () => {
    running ??= run()
    return running
  }
}
