import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { retryPhase } from '../../../lib/engine/programs/steer.js'
import { ANN, DIAMOND, NAME, type ProgramWorld, phase, program, started } from './world.js'

const SMALL = program([phase('a'), phase('b', ['a'], { checks: ['performance'] }), phase('c')])
const SHARES = [1, 50, 100]

/** The function is stopped: what it would do next does not happen. */
class Stopped extends Error {}

function stopAt(world: ProgramWorld, access: number, when: 'before' | 'after', error: () => Error): () => boolean {
  let count = 0
  let fired = false
  world.onAccess = (now) => {
    if (fired || now !== when) return
    count += 1
    if (count !== access) return
    fired = true
    throw error()
  }
  return () => fired
}

/** Each begun once an attempt, and each share of a component taken once, in order. */
async function expectNothingTwice(world: ProgramWorld, phases: readonly string[]): Promise<void> {
  for (const name of phases)
    expect(world.effects.filter((effect) => effect.startsWith(`c-${name} `))).toEqual(
      SHARES.map((share) => `c-${name} rollout ${share}`),
    )
  const begun = (await entries(world)).filter(({ event }) => event === 'phase-began')
  expect(begun.map((entry) => entry.phase).sort()).toEqual([...phases].sort())
}

async function entries(world: ProgramWorld): Promise<{ event: string; phase: string | null; attempt: number }[]> {
  const { items } = await world.ledger.entries('state/phase', { limit: 500 })
  return items.map(({ value }) => value as { event: string; phase: string | null; attempt: number })
}

describe('at every access to the ledger', () => {
  const kinds: [what: string, error: () => Error][] = [
    ['a crash', () => new Stopped('stopped')],
    ['a ledger that does not answer', () => new CutoverError('unavailable', 'The ledger does not answer.')],
  ]
  const whens = ['before', 'after'] as const
  it.each(
    kinds
      .flatMap(([what, error]) => whens.map((when) => [what, when, error] as const))
      .map((one, at) => [...one, at + 1] as const),
  )(
    '%s %s it: the next turn goes on, and nothing is done twice',
    async (_, when, error, first) => {
      let access = first
      // A crash and a silence, before and after: together they meet every access.
      for (; access < 1_000; access += 4) {
        const { world, turn, state, until } = await started(SMALL)
        const fired = stopAt(world, access, when, error)
        for (let count = 0; count < 60 && !fired(); count++) {
          await turn().catch((thrown: unknown) => {
            if (!(thrown instanceof Stopped || thrown instanceof CutoverError)) throw thrown
          })
          world.now += 30_000
          if ((await state()).status === 'finished') break
        }
        world.onAccess = () => undefined
        await until(async () => (await state()).status === 'finished')
        await expectNothingTwice(world, ['a', 'b', 'c'])
        if (!fired()) break
      }
      expect(access).toBeGreaterThan(50)
    },
    60_000,
  )

  it('of a turning back: it is carried out, and the others go on', async () => {
    for (let access = 1; access < 400; access += 3) {
      const { world, turn, state, stands, until } = await started(SMALL)
      await until(async () => world.share('c-a') === 1)
      world.says = (component) => (component === 'c-a' ? { operations: { count: 1000, failed: 900 } } : {})
      const fired = stopAt(world, access, 'after', () => new Stopped('stopped'))
      for (let count = 0; count < 60 && !fired() && (await state()).status === 'running'; count++) {
        await turn().catch((thrown: unknown) => {
          if (!(thrown instanceof Stopped)) throw thrown
        })
        world.now += 30_000
      }
      world.onAccess = () => undefined
      await until(async () => (await state()).status === 'failed')
      expect(await stands()).toEqual({ a: 'turned-back', b: 'waiting', c: 'finished' })
      expect(world.effects.filter((effect) => effect === 'c-a rollout 0')).toHaveLength(1)
      expect(world.alerts.length).toBeLessThanOrEqual(1)
      if (!fired()) break
    }
  }, 60_000)
})

describe('turns, however many, whenever and in whatever order they come', () => {
  it('begin a phase after all that it depends on and once an attempt, and come to the end', async () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 3 }) }),
      fc.record({ kind: fc.constant('stretch' as const), turns: fc.integer({ min: 5, max: 20 }) }),
      fc.record({ kind: fc.constant('time' as const), seconds: fc.constantFrom(1, 30, 120, 1200) }),
      fc.record({
        kind: fc.constant('crash' as const),
        access: fc.integer({ min: 1, max: 60 }),
        when: fc.constantFrom('before' as const, 'after' as const),
      }),
      fc.record({ kind: fc.constant('ill' as const), component: fc.constantFrom('c-base', 'c-left', 'c-top', 'none') }),
      fc.record({ kind: fc.constant('retry' as const), phase: fc.constantFrom('base', 'left', 'top') }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 25 }), fc.nat(), async (events, seed) => {
        const { world, programs, turn, state, until } = await started(DIAMOND)
        const broken: string[] = []
        let random = seed
        world.delay = () => {
          random = (random * 1_103_515_245 + 12_345) % 2 ** 31
          return (random >> 8) % 12
        }
        world.beforeAction = async (what) => {
          const [component = '', , share] = what.split(' ')
          if (Number(share) === 0) return
          const { phases, program: given } = await state()
          const own = given.phases.find(({ components }) => components.includes(component))
          for (const before of own?.dependsOn ?? [])
            if (phases[before]?.status !== 'finished') broken.push(`${what} while ${before} is not finished`)
        }
        for (const what of events) {
          world.onAccess = () => undefined
          if (what.kind === 'time') world.now += what.seconds * 1_000
          else if (what.kind === 'stretch')
            for (let count = 0; count < what.turns; count++) {
              await turn()
              world.now += 61_000
            }
          else if (what.kind === 'ill')
            world.says = (component) =>
              component === what.component ? { operations: { count: 1000, failed: 900 } } : {}
          else if (what.kind === 'retry') await retryPhase(programs, NAME, what.phase, ANN).catch(known)
          else {
            if (what.kind === 'crash') stopAt(world, what.access, what.when, () => new Stopped('stopped'))
            const count = what.kind === 'turns' ? what.count : 1
            await Promise.all(Array.from({ length: count }, () => turn().catch(known)))
          }
        }
        world.onAccess = () => undefined
        world.says = () => ({})
        for (let round = 0; round < 5 && (await state()).status !== 'finished'; round++) {
          await until(async () => (await state()).status !== 'running')
          for (const [name, { status }] of Object.entries((await state()).phases))
            if (status === 'turned-back' || status === 'failed') await retryPhase(programs, NAME, name, ANN)
        }
        expect((await state()).status).toBe('finished')
        expect(broken).toEqual([])
        const begun = (await entries(world)).filter((entry) => entry.event === 'phase-began')
        const once = new Set(begun.map(({ phase: name, attempt }) => `${name} ${attempt}`))
        expect(once.size).toBe(begun.length)
        for (const name of ['base', 'left', 'right', 'top']) expect(world.share(`c-${name}`)).toBe(100)
      }),
      { numRuns: 40 },
    )
  }, 60_000)
})

function known(error: unknown): void {
  if (!(error instanceof Stopped || error instanceof CutoverError)) throw error
}
