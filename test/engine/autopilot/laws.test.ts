import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../lib/core/plan/evidence.js'
import { pausePlan, resumePlan } from '../../../lib/engine/autopilot/steer.js'
import { tick } from '../../../lib/engine/autopilot/tick.js'
import { nothing } from '../../core/plan/evidence.js'
import { BOB, NAME, weekAt } from './harness.js'

const STEPS = [
  'infrastructure',
  'dual-write',
  'copy',
  'shadow',
  'validate',
  'reads-10',
  'reads-100',
  'zero-loss',
  'cutover',
  'export',
]

describe('absence of data never passes', () => {
  it.each(STEPS)('%s waits for ever when nothing is known', async (step) => {
    const { world, turn, status } = await weekAt(step)
    const silent = nothing(0)
    world.says = () => ({ ...silent, takenAt: world.now })
    world.runEnds = () => 'running'
    for (let count = 0; count < 20; count++) {
      expect(await turn()).toMatchObject({ kind: 'waits' })
      world.now += 3_600_000
    }
    expect(await status()).toMatchObject({ status: 'running', step: { name: step } })
  })

  it.each(STEPS)('%s waits for ever when nothing can be asked', async (step) => {
    const { world, turn, status } = await weekAt(step)
    world.says = () => 'unavailable'
    for (let count = 0; count < 20; count++) {
      expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('evidence-unavailable') })
      world.now += 3_600_000
    }
    expect(await status()).toMatchObject({ status: 'running', step: { name: step } })
    const waits = (await world.audit()).filter(({ action, before }) => action === 'plan-waits' && before.step === step)
    expect(waits.length).toBeLessThanOrEqual(2)
  })

  it('one silent collection holds all of them', async () => {
    const { world, turn } = await weekAt('reads-10', ['projects', 'resources'])
    world.says = (collection) => (collection === 'resources' ? { comparisons: null } : {})
    await turn()
    world.now += 3_600_000
    expect(await turn()).toMatchObject({
      kind: 'waits',
      reason: 'comparisons of resources: not-enough-evidence, not-measured',
    })
  })
})

describe('a paused plan never acts', () => {
  it.each(STEPS)('in %s', async (step) => {
    const { world, autopilot, turn, status } = await weekAt(step)
    await pausePlan(autopilot, NAME, BOB)
    const failing: Partial<Evidence> = { openAlerts: 5, operations: { count: 100, failed: 100 } }
    for (const says of [{}, failing]) {
      world.says = () => says
      world.now += 3_600_000
      expect(await turn()).toMatchObject({ kind: 'rests', status: 'paused' })
    }
    expect(world.effects).toEqual([])
    expect(await status()).toMatchObject({ status: 'paused', step: { name: step }, next: { kind: 'rest' } })
    world.says = () => ({})
    await resumePlan(autopilot, NAME, BOB)
    expect((await turn()).kind).not.toBe('rests')
  })

  it('but what is under way when it is paused ends, and is recorded', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-10', ['projects', 'resources'])
    world.afterAction = async () => {
      await pausePlan(autopilot, NAME, BOB)
    }
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'paused' })
    expect(world.effects).toEqual(['projects live 10'])
    expect((await status()).progress).toMatchObject({ projects: { kind: 'done' } })
  })
})

describe('ticks', () => {
  it('are idempotent: at one moment, a second tick changes nothing', async () => {
    for (const step of STEPS) {
      const { world, turn, status } = await weekAt(step)
      world.runEnds = () => 'running'
      await turn()
      const before = [await status(), world.effects.length, (await world.audit()).length]
      if ((await status()).step.name !== step) continue
      await turn()
      await turn()
      expect([await status(), world.effects.length, (await world.audit()).length]).toEqual(before)
    }
  })

  it('that overlap act once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...STEPS),
        fc.integer({ min: 2, max: 5 }),
        fc.scheduler(),
        async (step, many, s) => {
          const { world, autopilot, status } = await weekAt(step, ['projects', 'resources'])
          world.beforeAction = () => s.schedule(Promise.resolve())
          world.afterAction = () => s.schedule(Promise.resolve())
          world.runEnds = () => 'running'
          // The world may move on before a read and after it, when its answer is already out of date.
          const pause = () => s.schedule(Promise.resolve())
          const read: typeof world.ledger.read = async (key) => {
            await pause()
            const held = await world.ledger.read(key)
            await pause()
            return held
          }
          const ledger = { ...world.ledger, read }
          const ticks = Array.from({ length: many }, () => tick({ ...autopilot, ledger }, NAME, { budgetMs: 60_000 }))
          await s.waitFor(Promise.all(ticks))
          expect(new Set(world.calls).size).toBe(world.calls.length)
          const acted = (await world.audit()).filter(
            ({ action, before }) => action === 'plan-acted' && before.step === step,
          )
          expect(acted.length).toBeLessThanOrEqual(2)
          world.beforeAction = () => undefined
          world.afterAction = () => undefined
          const at = (await status()).stepNumber
          world.now += 60_000
          await tick(world.autopilot(), NAME, { budgetMs: 60_000 })
          expect((await status()).stepNumber - at).toBeLessThanOrEqual(1)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('that overlap leave a step once, and only one says so', async () => {
    const { world, turn, status } = await weekAt('reads-10')
    await turn()
    world.now += 60_000
    const kinds = (await Promise.all([turn(), turn(), turn()])).map(({ kind }) => kind)
    expect(kinds.sort()).toEqual(['advanced', 'overtaken', 'overtaken'])
    expect((await status()).step.name).toBe('reads-50')
  })

  it('begin nothing when their time is up', async () => {
    const { world, autopilot } = await weekAt('reads-10')
    expect(await tick(autopilot, NAME, { budgetMs: 0 })).toEqual({ kind: 'out-of-time', step: 'reads-10' })
    expect(world.effects).toEqual([])
  })

  it('stop between two collections when their time is up, and go on at the next', async () => {
    const { world, turn } = await weekAt('reads-10', ['projects', 'resources'])
    world.afterAction = () => {
      world.now += 60_000
    }
    expect(await turn()).toMatchObject({ kind: 'out-of-time' })
    expect(world.effects).toEqual(['projects live 10'])
    await turn()
    expect(world.effects).toEqual(['projects live 10', 'resources live 10'])
  })
})
