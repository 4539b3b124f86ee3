import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type QstashServer, startQstashServer } from './qstash/server.js'
import { type RedisGateway, type RedisGatewayOptions, startRedisGateway } from './redis/gateway.js'

export interface StackOptions {
  /** Everything is kept here and survives a restart. Absent: nothing is kept. */
  dataDir?: string
  backend?: RedisGatewayOptions['backend']
  /** Waits of the queue before a retry are multiplied by this. */
  backoffScale?: number
  seed?: number
}

export interface Stack {
  redis: RedisGateway
  queue: QstashServer
  /** The environment of a deployment that uses this stack. */
  env: { [name: string]: string }
  close(): Promise<void>
}

/**
 * Redis over REST and a queue on loopback, as Upstash and QStash would be: the development part of a deployment.
 * Whoever has real ones sets their variables instead and needs none of this.
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const { dataDir, backend = 'auto', backoffScale = 0.01, seed = 1 } = options
  if (dataDir !== undefined) await mkdir(dataDir, { recursive: true })
  const kept = (name: string): { dataDir?: string } => (dataDir === undefined ? {} : { dataDir: join(dataDir, name) })
  const redis = await startRedisGateway({ backend, seed, ...kept('redis') })
  const queue = await startQstashServer({ backoffScale, seed, ...kept('qstash') })
  return {
    redis,
    queue,
    env: {
      UPSTASH_REDIS_REST_URL: redis.url,
      UPSTASH_REDIS_REST_TOKEN: redis.token,
      QSTASH_URL: queue.url,
      QSTASH_TOKEN: queue.token,
      QSTASH_CURRENT_SIGNING_KEY: queue.currentSigningKey,
      QSTASH_NEXT_SIGNING_KEY: queue.nextSigningKey,
      UPSTASH_DISABLE_TELEMETRY: '1',
    },
    async close() {
      await queue.close()
      await redis.close()
    },
  }
}
