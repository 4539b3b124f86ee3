import { afterAll, beforeAll, describe } from 'vitest'
import { redisClient } from '../../../lib/drivers/redis/client.js'
import { memoryTarget } from '../../../lib/drivers/stores/memory/target.js'
import { redisTarget } from '../../../lib/drivers/stores/redis/target.js'
import type { Target, TargetCollection } from '../../../lib/ports/store.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { describeUnderWrites } from './under-writes.js'
import { PARTITIONS, realClock } from './world.js'

const COLLECTION = 'projects'
/** Long enough for a busy machine. */
const TIMEOUT_MS = 15_000

describeUnderWrites(
  'In memory',
  () => late(memoryTarget({ collection: COLLECTION, partitions: PARTITIONS, clock: realClock() })),
  { records: 120 },
)

describe('With Redis', () => {
  let gateway: RedisGateway
  beforeAll(async () => {
    gateway = await startRedisGateway({ backend: 'embedded' })
  })
  afterAll(() => gateway.close())
  describeUnderWrites(
    'Embedded',
    () => {
      const client = redisClient({ url: gateway.url, token: gateway.token, timeoutMs: TIMEOUT_MS })
      return redisTarget({ client, collection: COLLECTION, partitions: PARTITIONS })
    },
    { records: 60 },
  )
})

/** Every access takes some time on its way there and back, as over a network. */
function late(target: TargetCollection): TargetCollection {
  const partitions = target.partitions.map(
    (partition) =>
      new Proxy(partition, {
        get(held, name: keyof Target) {
          const method = held[name]
          if (typeof method !== 'function') return method
          return async (...args: unknown[]) => {
            await pause()
            const answer = await (method as (...args: unknown[]) => Promise<unknown>).apply(held, args)
            await pause()
            return answer
          }
        },
      }),
  )
  return { ...target, partitions }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * 3))
}
