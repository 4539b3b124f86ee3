import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { notSent } from '../../../lib/core/failing/not-sent.js'
import { fleet, SILENCE } from './fleet.js'

describe('a store that has gone silent', () => {
  it('is asked by one instance at a time, and by all together hardly more often than by one', async () => {
    const many = fleet(20)
    await many.fail()
    expect(many.breakers.every(({ closed }) => !closed)).toBe(true)
    await many.pass(60_000)
    const one = fleet(1)
    await one.fail()
    await one.pass(60_000)
    expect(many.world.most).toBe(1)
    expect(one.world.probes.length).toBeGreaterThan(3)
    expect(many.world.probes.length).toBeLessThan(4 * one.world.probes.length)
  })

  it('is used again by all soon after one has found it well, though nobody else has asked it', async () => {
    const { world, breakers, pass, fail, board } = fleet(20)
    await fail()
    await pass(10_000)
    world.storeUp = true
    world.probes.length = 0
    await pass(30_000)
    expect(breakers.map(({ closed }) => closed)).toEqual(breakers.map(() => true))
    expect(world.probes).toHaveLength(1)
    expect((await board.read()).note).toMatchObject({ state: 'closed', because: 'probe-answered', lease: null })
  })

  it('is asked by each for itself, at the pace of its own back-off, while the board is away', async () => {
    const { world, breakers, pass, fail } = fleet(3)
    world.boardUp = false
    await fail()
    await pass(120_000)
    for (const number of [0, 1, 2]) {
      const probes = world.probes.filter((by) => by === number).length
      expect(probes).toBeGreaterThan(8)
      expect(probes).toBeLessThan(60)
    }
    world.storeUp = true
    await pass(15_000)
    expect(breakers.every(({ closed }) => closed)).toBe(true)
  })

  it('is asked by another when the one that had the lease has died with it', async () => {
    const { world, breakers, pass, fail, board, settled } = fleet(3)
    await fail()
    const shown = await board.read()
    if (shown.note === null) throw new Error('nobody has told')
    const until = 1_750_000_000_000 + world.time + 3_600_000 // by a clock that is an hour ahead
    await board.write({ ...shown.note, lease: { by: 'the dead', until } }, shown.revision)
    await pass(9_000)
    expect(world.probes).toEqual([])
    world.storeUp = true
    await pass(30_000)
    await settled()
    expect(world.probes.length).toBeGreaterThan(0)
    expect(breakers.every(({ closed }) => closed)).toBe(true)
  })

  it('is asked again after a note that nobody can read, or that was closed before the trouble', async () => {
    for (const store of ['source', 'target'] as const) {
      const { world, breakers, pass, fail, board } = fleet(2, store)
      const note = { state: 'closed', because: 'x', since: 0, by: 'old', attempt: 0, nextAt: 0, lease: null } as const
      await board.write(note, null)
      await fail()
      expect((await board.read()).note?.state).toBe('open')
      await pass(20_000)
      expect(world.probes.length).toBeGreaterThan(1)
      expect(breakers.every(({ closed }) => !closed)).toBe(true)
      const { revision } = await board.read()
      await board.write({ nonsense: true } as never, revision)
      world.storeUp = true
      await pass(30_000)
      expect(breakers.every(({ closed }) => closed)).toBe(true)
    }
  })
})

describe('what counts', () => {
  it('requests that went out together and failed together are one silence', () => {
    const { breakers } = fleet(1)
    const together = SILENCE()
    for (let n = 0; n < 64; n++) breakers[0]?.failed(together)
    expect(breakers[0]?.closed).toBe(true)
    for (let n = 0; n < 4; n++) breakers[0]?.failed(SILENCE())
    expect(breakers[0]?.closed).toBe(false)
  })

  it('refusals, conflicts and faults are answers', () => {
    const { breakers } = fleet(1)
    for (const code of ['contended', 'corrupt-document', 'too-large', 'internal'] as const)
      for (let n = 0; n < 50; n++) breakers[0]?.failed(new CutoverError(code, 'An answer.'))
    expect(breakers[0]?.closed).toBe(true)
  })

  it('what was not sent is neither', () => {
    const { breakers } = fleet(1)
    for (let n = 0; n < 4; n++) breakers[0]?.failed(SILENCE())
    for (let n = 0; n < 50; n++) breakers[0]?.failed(notSent('throttled', 'the target', 1))
    expect(breakers[0]?.closed).toBe(true)
    breakers[0]?.failed(SILENCE())
    expect(breakers[0]?.closed).toBe(false)
  })

  it('a request that is refused is certain not to have been sent', async () => {
    const { breakers, fail } = fleet(1)
    await fail()
    const refusal = breakers[0]?.refuse()
    expect([refusal?.code, refusal?.details.reason]).toEqual(['unavailable', 'circuit-open'])
    expect(refusal?.details.retryAfterSeconds).toBeGreaterThanOrEqual(1)
  })
})

describe('an order to leave a store alone', () => {
  it('reaches an instance that has traffic within half a minute, and so does its end', async () => {
    const { world, breakers, pass, settled } = fleet(1)
    const [breaker] = breakers
    if (breaker === undefined) throw new Error('no breaker')
    world.storeUp = true
    world.forced = true
    const traffic = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= 1_000) {
        world.time += 1_000
        for (let n = 0; n < 16; n++) breaker.heard()
        await settled()
      }
    }
    await traffic(31_000)
    expect([breaker.closed, breaker.breaker.because]).toEqual([false, 'forced'])
    await pass(60_000, 1_000)
    expect([breaker.closed, world.probes]).toEqual([false, []])
    world.forced = false
    await pass(35_000, 1_000)
    expect(breaker.closed).toBe(true)
  })
})
