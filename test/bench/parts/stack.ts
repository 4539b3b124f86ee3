import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { childProcesses } from '../../../scripts/demo/children.js'
import type { FaultRule } from '../../../scripts/stack/redis/faults.js'
import type { GatewayStats } from '../../../scripts/stack/redis/stats.js'

/** Redis over REST and the queue in a process of their own, so that what is measured has a core to itself. */
export interface BenchStack {
  /** A folder of this bench's own, removed at the end. */
  dir: string
  /** What a deployment needs to find the stack. */
  env: { [name: string]: string }
  redis: { url: string; token: string }
  /** Since the last reset. */
  stats(): Promise<GatewayStats>
  resetStats(): Promise<void>
  addFaults(rules: FaultRule[]): Promise<void>
  clearFaults(): Promise<void>
  close(): Promise<void>
}

/** `auto`: a real `redis-server` if there is one on PATH. */
export async function openStack(backend: 'auto' | 'embedded' = 'auto'): Promise<BenchStack> {
  const dir = await mkdtemp(join(tmpdir(), 'cutover-bench-'))
  const children = childProcesses(join(dir, 'stack.log'))
  const child = await children.start(new URL('../../../scripts/demo/stack-process.ts', import.meta.url), {
    DEMO_REDIS: backend,
  })
  const env = Object.fromEntries(Object.entries(child.ready).map(([name, value]) => [name, String(value)]))
  const redis = { url: env.UPSTASH_REDIS_REST_URL ?? '', token: env.UPSTASH_REDIS_REST_TOKEN ?? '' }
  const admin = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${redis.url}/__admin/${path}`, {
      method,
      headers: { authorization: `Bearer ${redis.token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`The gateway refused ${method} ${path}: ${response.status}.`)
    return response.json()
  }
  return {
    dir,
    env,
    redis,
    stats: async () => (await admin('GET', 'stats')) as GatewayStats,
    resetStats: async () => void (await admin('DELETE', 'stats')),
    addFaults: async (rules) => void (await admin('POST', 'faults', rules)),
    clearFaults: async () => void (await admin('DELETE', 'faults')),
    async close() {
      await children.stopAll()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

/** A stack for one measurement, closed whatever comes of it. */
export async function withStack<T>(work: (stack: BenchStack) => Promise<T>): Promise<T> {
  const stack = await openStack()
  try {
    return await work(stack)
  } finally {
    await stack.close()
  }
}
