import { describe, expect, it } from 'vitest'
import { begin, drain, expectEqualStores, fill, go, pass, runOf, type World, world } from './world.js'

async function inShadow(records: number): Promise<World> {
  const at = world({ partitions: 2 })
  await fill(at, records)
  await go(at, 'shadow')
  return at
}

describe('a limit of commands', () => {
  it.each([
    { kind: 'backfill', limit: 20 },
    { kind: 'backfill', limit: 0.5 },
    { kind: 'validate', limit: 5 },
  ] as const)('of $limit a second is kept on average by a $kind, across its messages', async ({ kind, limit }) => {
    const at = await inShadow(400)
    if (kind === 'validate') await pass(at)
    const run = await begin(at, { commandsPerSecondMax: limit }, kind)
    const from = at.clock.time
    const times: number[] = []
    at.faults.before = (store) => {
      if (store !== 'source') times.push(at.clock.time - from)
    }
    await drain(at)
    expect((await runOf(at, run.id)).status).toBe('succeeded')
    if (kind === 'backfill') expect(await expectEqualStores(at)).toEqual([])
    // Whatever is sent has been paid for, but for one batch and what ends the run.
    const batches = (await runOf(at, run.id)).counters.batches ?? 1
    const burst = times.length / batches + 30
    for (const [number, ms] of times.entries()) expect(number).toBeLessThanOrEqual((ms / 1000) * limit + burst)
    expect(at.clock.time - from).toBeGreaterThan(((times.length - burst) * 1000) / limit)
  })

  it('is a number that lets the run end', async () => {
    const at = await inShadow(3)
    for (const limit of [0, -1, 0.01, Number.NaN, Number.POSITIVE_INFINITY, '5', null]) {
      const asked = begin(at, { commandsPerSecondMax: limit })
      await expect(asked).rejects.toMatchObject({ code: 'invalid-input' })
    }
    await expect(begin(at, { throttle: 'no' })).rejects.toMatchObject({ code: 'invalid-input' })
  })
})
