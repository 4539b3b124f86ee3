import { Redis } from '@upstash/redis'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'

export type Backend = RedisGateway['backend']

/** One gateway for a group of tests, emptied and without faults before each. */
export function sharedGateway(backend: Backend): () => RedisGateway {
  let gateway: RedisGateway | undefined
  const get = () => {
    if (!gateway) throw new Error('the gateway is not started yet')
    return gateway
  }
  beforeAll(async () => {
    gateway = await startRedisGateway({ backend })
  })
  beforeEach(async () => {
    get().outage(false)
    get().faults.clear()
    await strictClient(get()).flushall()
    get().resetStats()
  })
  afterAll(() => gateway?.close())
  return get
}

/** As the product configures it: one attempt, one request per call, strings as they are. */
export function strictClient({ url, token }: Pick<RedisGateway, 'url' | 'token'>): Redis {
  return new Redis({ url, token, enableAutoPipelining: false, automaticDeserialization: false, retry: { retries: 0 } })
}

/** As it comes: auto-pipelining, deserialization, six attempts. */
export function defaultClient({ url, token }: Pick<RedisGateway, 'url' | 'token'>): Redis {
  return new Redis({ url, token })
}

/** A request without the client, for what the client hides. */
export async function post(
  gateway: Pick<RedisGateway, 'url' | 'token'>,
  path: string,
  body: unknown,
  init: { method?: string; headers?: { [name: string]: string } } = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const method = init.method ?? 'POST'
  const hasBody = method !== 'GET' && method !== 'DELETE' && body !== undefined
  const response = await fetch(gateway.url + path, {
    method,
    headers: { authorization: `Bearer ${gateway.token}`, ...init.headers },
    ...(hasBody ? { body: typeof body === 'string' ? body : JSON.stringify(body) } : {}),
  })
  return { status: response.status, body: await response.json(), headers: response.headers }
}
