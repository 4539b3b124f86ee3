import { createHash } from 'node:crypto'
import * as scripts from '../../lib/drivers/stores/redis/scripts.js'
import { redisTarget } from '../../lib/drivers/stores/redis/target.js'
import type { Clock } from '../../lib/ports/clock.js'
import type { TargetCollection } from '../../lib/ports/store.js'
import { type Answer, openVirtualRedis, type VirtualRedis } from './redis-target-server.js'
import { openWire, type Send, type Wire } from './redis-target-wire.js'

/**
 * The target over the production Redis driver, client and scripts, with the network between the client and the
 * database: each request of a simulated history is one HTTP request of the product, and it is that request that is
 * lost, comes late, or comes twice.
 */
export interface RedisSide {
  /** As a judge sees it, who stands beside the database. */
  target: TargetCollection
  /** As a process sees it whose requests go through `carry`. */
  reach(carry: Carry): TargetCollection
  /** Forgets the last `count` changes: a failover to a replica that lags, its keys as old as they were then. */
  rewind(count: number): Promise<void>
}

export type Carry = <T>(label: () => string, effect: () => Promise<T>) => Promise<T>

export interface RedisHouse {
  redis: VirtualRedis
  wire: Wire
}

/** Must be there, and clean, before a history begins. */
export async function openRedisHouse(): Promise<RedisHouse> {
  const house = { redis: await openVirtualRedis(), wire: await openWire() }
  await house.redis.clear()
  house.wire.reset()
  return house
}

export interface RedisSideOptions {
  house: RedisHouse
  clock: Clock
  collection: string
  partitions: number
  /** Told of each request that is no read and was not refused. */
  changed: () => void
}

export function redisSide({ house, clock, collection, partitions, changed }: RedisSideOptions): RedisSide {
  const { redis, wire } = house
  const log: { command: readonly unknown[]; now: number }[] = []
  const run = async (command: readonly unknown[]): Promise<Answer> => {
    const now = clock.now()
    const answer = await redis.run(command, now)
    if (!READS.has(String(command[0])) && 'result' in answer) {
      log.push({ command, now })
      changed()
    }
    return answer
  }
  const answerTo = async (path: string, body: readonly unknown[]): Promise<Awaited<ReturnType<Send>>> => {
    if (path === '/pipeline') {
      const answers: Answer[] = []
      for (const command of body) answers.push(await run(command as readonly unknown[]))
      return { status: 200, body: answers }
    }
    const answer = await run(body)
    return { status: 'result' in answer ? 200 : 400, body: answer }
  }
  const over = (send: Send): TargetCollection => redisTarget({ client: wire.client(send), collection, partitions })
  return {
    target: over((path, body) => answerTo(path, listOf(body))),
    reach: (carry) =>
      over((path, body) =>
        carry(
          () => shown(path, listOf(body)),
          () => answerTo(path, listOf(body)),
        ),
      ),
    async rewind(count) {
      log.length = Math.max(0, log.length - count)
      await redis.clear()
      for (const text of Object.values(scripts)) await redis.run(['SCRIPT', 'LOAD', text], clock.now())
      for (const { command, now } of log) await redis.run(command, now)
    },
  }
}

const READS = new Set(['GET', 'MGET', 'ZCARD', 'ZRANGEBYLEX', 'SCAN'])

function listOf(body: unknown): readonly unknown[] {
  if (Array.isArray(body)) return body
  throw new TypeError('A request to Redis that is no list.')
}

/** A request as a trace shows it: scripts by their names. */
function shown(path: string, body: readonly unknown[]): string {
  if (path === '/pipeline') return `pipeline ${JSON.stringify(body)}`
  const [verb, first, ...rest] = body
  return `${verb} ${JSON.stringify([verb === 'EVALSHA' || verb === 'EVAL' ? nameOf(String(first)) : first, ...rest])}`
}

const NAMES = new Map(
  Object.entries(scripts).flatMap(([name, text]) => [
    [text, name],
    [createHash('sha1').update(text).digest('hex'), name],
  ]),
)

function nameOf(script: string): string {
  return NAMES.get(script) ?? script
}
