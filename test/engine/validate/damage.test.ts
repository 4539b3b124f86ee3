import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisClient, redisClient } from '../../../lib/drivers/redis/client.js'
import { redisTarget } from '../../../lib/drivers/stores/redis/target.js'
import { keptMismatches } from '../../../lib/engine/validate/mismatches.js'
import { validateIds } from '../../../lib/engine/validate/validate-ids.js'
import { type RedisGateway, startRedisGateway } from '../../../scripts/stack/redis/gateway.js'
import { endRun, fill, goTo, PARTITIONS, type World, world } from './world.js'

const TIMEOUT_MS = 15_000

describe('Data in Redis that somebody has damaged', () => {
  let gateway: RedisGateway
  let client: RedisClient
  let at: World
  beforeAll(async () => {
    gateway = await startRedisGateway({ backend: 'embedded' })
    client = redisClient({ url: gateway.url, token: gateway.token, timeoutMs: TIMEOUT_MS })
  })
  afterAll(() => gateway.close())
  beforeEach(async () => {
    await client.command(['FLUSHALL'])
    at = world({ target: redisTarget({ client, collection: 'projects', partitions: PARTITIONS }) })
    await fill(at, 50)
    await goTo(at, 'live')
  })

  it('is a mismatch of that record, and hides no other', async () => {
    await client.command(['SET', 'projects:r010', 'SECRET, no JSON'])
    await client.command(['DEL', 'projects:r030'])
    await client.command(['SET', 'projects:r040', '{"id":"r040","number":41}'])
    const run = await endRun(at, 'validate', { repair: true })
    expect(run).toMatchObject({ status: 'failed', counters: { compared: 50, mismatched: 3, repaired: 0 } })
    expect(run.note).toMatch(/listing is damaged/)
    const { items } = await keptMismatches(at.context.ledger, run.id, null, 200)
    expect(items.map(({ id, reason }) => [id, reason])).toEqual([
      ['r010', 'damaged-at-target'],
      ['r030', 'damaged-at-target'],
      ['r040', 'values-differ'],
    ])
    expect(JSON.stringify([items, run])).not.toContain('SECRET')
    const outcomes = await validateIds(at.context, at.collection, ['r009', 'r010'])
    expect(outcomes.map(({ verdict }) => verdict.kind)).toEqual(['match', 'mismatch'])
  })

  it('without its version is missing, also where a whole page of the listing is so, and is repaired', async () => {
    const metas = Array.from(
      { length: 40 },
      (_, number) => `cutover:m:projects:r${String(number + 5).padStart(3, '0')}`,
    )
    await client.command(['DEL', ...metas])
    const run = await endRun(at, 'validate', { repair: true })
    expect(run.counters).toMatchObject({ compared: 50, mismatched: 40, repaired: 40, matched: 10 })
    expect(await endRun(at, 'validate')).toMatchObject({ status: 'succeeded', counters: { matched: 50 } })
  })
})
