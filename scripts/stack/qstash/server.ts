import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import type { Server } from 'node:http'
import path from 'node:path'
import { Dispatcher } from './dispatcher.js'
import { EventLog } from './events.js'
import { type FaultSettings, Faults } from './faults.js'
import { createHttpServer } from './http-server.js'
import type { SigningKeys } from './model.js'
import { emptyStats, type Office, type QstashStats } from './office.js'
import { rotateKeys } from './routes/keys.js'
import { emptyState, type QstashState, stateFromText, stateToText } from './state.js'
import { readSnapshot, StateFile } from './state-file.js'
import { readStats } from './stats.js'

/**
 * A QStash that runs in this process and that the official `Client` and `Receiver` of `@upstash/qstash` accept.
 *
 * It is a development tool: one process, one account, loopback destinations allowed, no URL groups, no plan limits.
 * It delivers at least once, like the cloud, and on demand it is worse than the cloud (see `Faults`).
 * With `dataDir`, whatever it has answered to survives a restart, and what was in flight is delivered again.
 */
export interface QstashServer {
  readonly url: string
  readonly token: string
  /** The keys of this moment; a rotation changes them. */
  readonly currentSigningKey: string
  readonly nextSigningKey: string
  readonly faults: { set(settings: FaultSettings): void; clear(): void; readonly current: FaultSettings }
  /** Resolves when nothing is pending or in flight; rejects if that takes longer than `timeoutMs` (default 30 s). */
  idle(options?: { timeoutMs?: number }): Promise<void>
  rotateKeys(): Promise<SigningKeys>
  stats(): QstashStats
  /** Cuts what is in flight, which stays pending, and writes the last snapshot. */
  close(): Promise<void>
}

export interface QstashServerOptions {
  /** Default 0, any free port. `QSTASH_DEV=true` clients look at 8080. */
  port?: number
  host?: string
  token?: string
  currentSigningKey?: string
  nextSigningKey?: string
  /** Where the snapshot lives. Without it everything is gone at the end. */
  dataDir?: string
  /** Every wait before a retry is multiplied by this. Default 1. */
  backoffScale?: number
  /** Schedules see time run this many times as fast. Default 1. */
  cronScale?: number
  /** Of the faults. Default 1. */
  seed?: number
  deduplicationWindowMs?: number
  messageBytesMax?: number
  /** Deliveries under way at once. */
  parallelismMax?: number
  /** How long a destination may take when the message does not say. */
  timeoutMs?: number
}

export async function startQstashServer(options: QstashServerOptions = {}): Promise<QstashServer> {
  const office = await openOffice(options)
  const dispatcher = new Dispatcher(office)
  office.wake = () => dispatcher.wake()
  const server = createHttpServer(office)
  const url = await listen(server, options.host ?? '127.0.0.1', options.port ?? 0)
  dispatcher.wake()
  let closed: Promise<void> | undefined
  return {
    url,
    token: office.settings.token,
    get currentSigningKey() {
      return office.state.keys.current
    },
    get nextSigningKey() {
      return office.state.keys.next
    },
    faults: office.faults,
    idle: ({ timeoutMs = idleTimeoutMs } = {}) => dispatcher.idle(timeoutMs),
    async rotateKeys() {
      const keys = rotateKeys(office)
      await office.file.flush()
      return keys
    },
    stats: () => readStats(office),
    close() {
      closed ??= stop(server, dispatcher, office)
      return closed
    },
  }
}

async function stop(server: Server, dispatcher: Dispatcher, office: Office): Promise<void> {
  await stopListening(server)
  await dispatcher.close()
  await office.file.close()
}

async function openOffice(options: QstashServerOptions): Promise<Office> {
  const state = await openState(options)
  const file = options.dataDir === undefined ? null : path.join(options.dataDir, snapshotName)
  return {
    state,
    file: new StateFile(file, () => stateToText(state)),
    events: new EventLog(),
    faults: new Faults(options.seed ?? 1),
    stats: emptyStats(),
    settings: {
      token: options.token ?? developmentAccount.token,
      backoffScale: options.backoffScale ?? 1,
      cronScale: options.cronScale ?? 1,
      startedAt: Date.now(),
      deduplicationWindowMs: options.deduplicationWindowMs ?? 600_000,
      messageBytesMax: options.messageBytesMax ?? 1_048_576,
      parallelismMax: options.parallelismMax ?? 100,
      timeoutMs: options.timeoutMs ?? 900_000,
    },
    inFlight: new Map(),
    rates: new Map(),
    wake: () => {},
  }
}

async function openState(options: QstashServerOptions): Promise<QstashState> {
  const keys: SigningKeys = {
    current: options.currentSigningKey ?? developmentAccount.currentSigningKey,
    next: options.nextSigningKey ?? developmentAccount.nextSigningKey,
  }
  if (options.dataDir === undefined) return emptyState(keys)
  await mkdir(options.dataDir, { recursive: true })
  const text = await readSnapshot(path.join(options.dataDir, snapshotName))
  return text === null ? emptyState(keys) : stateFromText(text, keys)
}

async function listen(server: Server, host: string, port: number): Promise<string> {
  server.listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.')
  return `http://${host}:${address.port}`
}

async function stopListening(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

/** The public account of `QSTASH_DEV=true`, the same on every machine: a development default, not a secret. */
export const developmentAccount = {
  token: 'eyJVc2VySUQiOiJkZWZhdWx0VXNlciIsIlBhc3N3b3JkIjoiZGVmYXVsdFBhc3N3b3JkIn0=',
  currentSigningKey: 'sig_7kYjw48mhY7kAjqNGcy6cr29RJ6r',
  nextSigningKey: 'sig_5ZB6DVzB1wjE8S6rZ7eenA8Pdnhs',
}

const snapshotName = 'qstash.json'
const idleTimeoutMs = 30_000
