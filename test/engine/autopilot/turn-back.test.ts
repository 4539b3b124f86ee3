import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import type { Evidence } from '../../../lib/core/plan/evidence.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { overrulePlan, pausePlan, resumePlan, startPlan } from '../../../lib/engine/autopilot/steer.js'
import { tick } from '../../../lib/engine/autopilot/tick.js'
import { BOB, NAME, until, weekAt } from './harness.js'

const mismatch: Partial<Evidence> = { comparisons: { samples: 1000, mismatches: 1 } }
const alerts: Partial<Evidence> = { openAlerts: 1 }

describe('a fail turns back', () => {
  it.each([
    ['dual-write', alerts, 'off 100'],
    ['shadow', alerts, 'dualwrite 100'],
    ['validate', alerts, 'dualwrite 100'],
    ['reads-10', mismatch, 'shadow 100'],
    ['reads-100', mismatch, 'shadow 100'],
    ['writes-target', alerts, 'live 100'],
    ['zero-loss', { deadLetters: 1 }, 'live 100'],
    ['cutover', alerts, 'rampdown 100'],
  ])('%s', async (step, says, lands) => {
    const { world, turn, status } = await weekAt(step, ['projects', 'resources'])
    world.says = (collection) => (collection === 'resources' ? says : {})
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect([world.stands('projects'), world.stands('resources')]).toEqual([lands, lands])
    expect(await status()).toMatchObject({ status: 'turned-back', rollingBack: [], step: { name: step } })
    const [decision] = (await world.audit()).filter(({ action }) => action === 'plan-turned-back')
    expect(decision?.reason).toMatch(/ of resources: fail, /)
    expect(decision?.evidence.resources).toMatchObject(says)
    world.says = () => ({})
    world.now += 3_600_000
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
  })

  it('is shown and waits where the step says so', async () => {
    const { world, turn, status } = await weekAt('copy')
    world.says = () => ({ deadLetters: 2 })
    for (let count = 0; count < 3; count++)
      expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('dead-letters-left') })
    expect(world.stands('projects')).toBe('dualwrite 100')
    world.says = () => ({})
    await until(world, async () => (await status()).step.name === 'shadow')
  })

  it('is shown and waits when automatic rollback is off', async () => {
    const { world } = await weekAt('reads-50')
    world.says = () => mismatch
    const result = await tick(world.autopilot({ autoRollback: false }), NAME, { budgetMs: 1000 })
    expect(result).toMatchObject({ kind: 'waits', reason: expect.stringContaining('automatic rollback is off') })
    expect(world.stands('projects')).toBe('live 50')
  })

  it('when it is only weighed too, and nothing that leads forward is begun then', async () => {
    const { world, turn } = await weekAt('reads-100')
    const weigh = () => tick(world.autopilot(), NAME, { budgetMs: 1000, only: 'weigh' })
    expect(await weigh()).toMatchObject({ kind: 'waits', reason: 'its action is to be begun' })
    expect(world.stands('projects')).toBe('live 50')
    await turn()
    expect(world.stands('projects')).toBe('live 100')
    world.says = () => mismatch
    expect(await weigh()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect(world.stands('projects')).toBe('shadow 100')
  })

  it('also while another collection cannot be moved', async () => {
    const { world, turn } = await weekAt('reads-10', ['projects', 'resources'])
    world.beforeAction = (what) => {
      if (what === 'resources live 10') throw new CutoverError('unavailable', 'down')
    }
    expect(await turn()).toMatchObject({ kind: 'blocked', blocked: { resources: 'unavailable' } })
    world.says = () => mismatch
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect([world.stands('projects'), world.stands('resources')]).toEqual(['shadow 100', 'shadow 100'])
  })

  it('and takes the others down when one cannot be, until that one can', async () => {
    const { world, turn, status } = await weekAt('reads-50', ['projects', 'resources'])
    world.says = () => mismatch
    world.beforeAction = (what) => {
      if (what === 'projects shadow 0') throw new CutoverError('unavailable', 'down')
    }
    expect(await turn()).toMatchObject({ kind: 'blocked', blocked: { projects: 'unavailable' } })
    expect([world.stands('projects'), world.stands('resources')]).toEqual(['live 50', 'shadow 100'])
    expect(await status()).toMatchObject({ rollingBack: ['projects'], blocked: { projects: 'unavailable' } })
    await expect(resumePlan(world.autopilot(), NAME, BOB)).rejects.toMatchObject({ code: 'conflict' })
    world.beforeAction = () => undefined
    expect(await turn()).toMatchObject({ kind: 'rests' })
    expect(world.stands('projects')).toBe('shadow 100')
  })
})

describe('after a turning back', () => {
  it('a resumed plan begins at the first step that was undone, and finishes', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-100')
    world.says = () => mismatch
    await turn()
    world.says = () => ({})
    world.now += 60_000
    await resumePlan(autopilot, NAME, BOB)
    expect(await status()).toMatchObject({
      status: 'running',
      step: { name: 'reads-10' },
      progress: {},
      soakLeftMs: 1000 / 3,
    })
    world.effects.length = 0
    await until(world, async () => (await status()).status === 'finished')
    expect(world.effects.slice(0, 3)).toEqual(['projects live 10', 'projects live 50', 'projects live 100'])
  })

  it('a pass is made again before reads move, since shadow was left', async () => {
    const { world, autopilot, turn, status } = await weekAt('validate')
    world.says = () => alerts
    await turn()
    world.says = () => ({})
    await resumePlan(autopilot, NAME, BOB)
    world.effects.length = 0
    await until(world, async () => (await status()).step.name === 'reads-10')
    expect(world.effects).toEqual(['projects shadow 100', 'projects backfill', 'projects validate'])
  })

  it('another plan may take the collections, and the first then stays back', async () => {
    const { world, autopilot, turn } = await weekAt('reads-10')
    world.says = () => mismatch
    await turn()
    await startPlan(autopilot, theWeek(['projects'], { name: 'second' }), BOB)
    await expect(resumePlan(autopilot, NAME, BOB)).rejects.toMatchObject({
      code: 'conflict',
      details: { plan: 'second' },
    })
    await expect(overrulePlan(autopilot, NAME, 'repeat', BOB)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('a pause stops what is still to be rolled back, and a resume goes on with it', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-10')
    world.says = () => mismatch
    world.beforeAction = (what) => {
      if (what === 'projects shadow 0') throw new CutoverError('unavailable', 'down')
    }
    await turn()
    await pausePlan(autopilot, NAME, BOB)
    world.beforeAction = () => undefined
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'paused' })
    expect(world.stands('projects')).toBe('live 10')
    await resumePlan(autopilot, NAME, BOB)
    expect((await status()).status).toBe('turned-back')
    await turn()
    expect(world.stands('projects')).toBe('shadow 100')
  })
})
