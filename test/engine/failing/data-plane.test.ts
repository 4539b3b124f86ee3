import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { dataPlane } from '../../../lib/engine/data-plane/data-plane.js'
import { boardsOf } from '../../../lib/engine/failing/board.js'
import { type Breakers, guardedCollection } from '../../../lib/engine/failing/guarded.js'
import { StoreBreaker, type StoreName } from '../../../lib/engine/failing/store-breaker.js'
import { fill, go, put, valueAt, type World, world } from '../runs/world.js'

/** An instance beside the world's own, whose traffic goes through breakers. */
function behindBreakers(at: World) {
  const boards = boardsOf({ ledger: async () => at.context.ledger, documents: at.documents })
  const { clock, background } = at.context
  const [pair] = at.collection.target.partitions.map(
    (target, n) => [at.collection.source.partitions[n], target] as const,
  )
  const open = (store: StoreName): StoreBreaker =>
    new StoreBreaker(store, {
      ...{ board: boards[store], clock, background },
      probe: async () => (store === 'source' ? pair?.[0] : pair?.[1])?.control(),
    })
  const breakers: Breakers = { source: open('source'), target: open('target') }
  const plane = dataPlane([guardedCollection(at.collection, breakers)], at.context)
  return { plane, breakers }
}

async function worldIn(stage: 'off' | 'dualwrite' | 'shadow' | 'live' | 'rampdown'): Promise<World> {
  const at = world({ leaseMs: null })
  await fill(at, 20)
  await go(at, stage)
  return at
}

async function failureOf(work: Promise<unknown>): Promise<CutoverError> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof CutoverError) return error
  throw new Error('it did not fail')
}

describe('behind an open breaker', () => {
  it('a read in live comes from the source at once: no resend, no wait', async () => {
    const at = await worldIn('live')
    const { plane, breakers } = behindBreakers(at)
    at.faults.down.add('target')
    breakers.target.force()
    at.clock.slept.length = 0
    at.calls.length = 0
    const read = await plane.get('projects', 'r0001')
    expect(read).toMatchObject({ kind: 'found', servedBy: 'source' })
    expect([at.clock.slept, at.calls]).toEqual([[], []])
  })

  it.each(['shadow', 'live', 'rampdown'] as const)(
    'a write in %s is a definite failure: nothing was sent',
    async (stage) => {
      const at = await worldIn(stage)
      const { plane, breakers } = behindBreakers(at)
      breakers.target.force()
      at.calls.length = 0
      const error = await failureOf(put(at, 'r0001', { never: true }, plane))
      expect([error.code, error.details]).toMatchObject(['unavailable', { notSent: 'circuit-open' }])
      expect(at.calls).toEqual([])
      expect(await valueAt(at, 'r0001')).not.toMatchObject({ never: true })
    },
  )

  it('a write at the source is one too, in off and dualwrite', async () => {
    for (const stage of ['off', 'dualwrite'] as const) {
      const at = await worldIn(stage)
      const { plane, breakers } = behindBreakers(at)
      breakers.source.force()
      const error = await failureOf(put(at, 'r0001', { never: true }, plane))
      expect([error.code, error.details.notSent]).toEqual(['unavailable', 'circuit-open'])
    }
  })

  it('the second half of a strict write leaves its outcome unknown: the first half was done', async () => {
    const at = await worldIn('shadow')
    const { plane, breakers } = behindBreakers(at)
    breakers.source.force()
    const error = await failureOf(put(at, 'r0001', { perhaps: true }, plane))
    expect([error.code, error.details]).toMatchObject(['outcome-unknown', { notSent: 'circuit-open' }])
  })
})

describe('a breaker that opens between two sendings of one request', () => {
  it('leaves the outcome unknown: the first sending may have had its effect', async () => {
    for (const stage of ['off', 'rampdown'] as const) {
      const at = await worldIn(stage)
      const { plane, breakers } = behindBreakers(at)
      const [store, mutation] = stage === 'off' ? (['source', 'put'] as const) : (['target', 'begin'] as const)
      at.faults.before = (where, call) => {
        if (where !== store || call !== mutation) return
        breakers[store].force()
        throw new CutoverError('unavailable', 'The answer was lost.')
      }
      const error = await failureOf(put(at, 'r0001', { perhaps: true }, plane))
      expect([stage, error.code, error.details.notSent]).toEqual([stage, 'outcome-unknown', 'circuit-open'])
    }
  })
})

describe('stores that go silent', () => {
  it('open the breaker after a few requests, and the next ones are quick; the probe closes it', async () => {
    const at = await worldIn('live')
    const { plane, breakers } = behindBreakers(at)
    at.faults.down.add('target')
    for (let n = 0; n < 3; n++) await plane.get('projects', 'r0001')
    expect(breakers.target.closed).toBe(false)
    at.clock.slept.length = 0
    for (let n = 0; n < 50; n++) expect(await plane.get('projects', 'r0002')).toMatchObject({ servedBy: 'source' })
    expect(at.clock.slept).toEqual([])
    at.faults.down.clear()
    for (let n = 0; n < 40 && !breakers.target.closed; n++) {
      at.clock.time += 1_000
      await plane.get('projects', 'r0002')
      await at.settled()
    }
    expect(await plane.get('projects', 'r0002')).toMatchObject({ servedBy: 'target' })
  })
})
