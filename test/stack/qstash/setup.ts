import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { Client } from '@upstash/qstash'
import { afterEach, beforeEach, vi } from 'vitest'
import { type QstashServer, type QstashServerOptions, startQstashServer } from '../../../scripts/stack/qstash/server.js'
import { type Destination, startDestination } from './destination.js'

export interface Bench {
  destination: Destination
  /** Starts a server whose retries wait a thousandth of the usual time. It is closed after the test. */
  start(options?: QstashServerOptions): Promise<QstashServer>
  temporaryDirectory(): Promise<string>
}

/** Gives every test of a file a fresh destination, and cleans up after it. */
export function useBench(): Bench {
  const cleanups: (() => Promise<unknown>)[] = []
  const bench: Partial<Bench> = {
    async start(options = {}) {
      const server = await startQstashServer({ backoffScale: 0.001, ...options })
      cleanups.push(() => server.close())
      return server
    },
    async temporaryDirectory() {
      const directory = await mkdtemp(path.join(os.tmpdir(), 'qstash-test-'))
      cleanups.push(() => rm(directory, { recursive: true, force: true }))
      return directory
    },
  }
  beforeEach(async () => {
    // The client reports every refusal on the console as well as by throwing.
    vi.spyOn(console, 'error').mockImplementation(() => {})
    vi.spyOn(console, 'warn').mockImplementation(() => {})
    bench.destination = await startDestination()
  })
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
    await bench.destination?.close()
    vi.restoreAllMocks()
  })
  return bench as Bench
}

export function clientOf(server: QstashServer, token = server.token): Client {
  return new Client({ baseUrl: server.url, token, devMode: false, retry: false })
}

/** Calls the routes that the official client does not have. */
export async function admin(server: QstashServer, method: string, route: string, body?: unknown): Promise<Response> {
  return await fetch(`${server.url}${route}`, {
    method,
    headers: { authorization: `Bearer ${server.token}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}
