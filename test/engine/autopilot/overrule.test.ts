import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { overrulePlan, pausePlan, resumePlan, startPlan } from '../../../lib/engine/autopilot/steer.js'
import { BOB, NAME, TIME_SCALE, until, weekAt } from './harness.js'

const conflict = { code: 'conflict' }

describe('an operator overrules', () => {
  it('advance: the step is left without its gate, once its action is done', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-10')
    await expect(overrulePlan(autopilot, NAME, 'advance', BOB)).rejects.toMatchObject(conflict)
    world.says = () => ({ comparisons: null })
    await turn()
    await overrulePlan(autopilot, NAME, 'advance', BOB)
    expect(await status()).toMatchObject({ status: 'running', step: { name: 'reads-50' }, progress: {} })
    const line = (await world.audit()).at(-1)
    expect(line).toMatchObject({
      action: 'plan-overruled',
      by: 'bob',
      reason: 'advance: because I say so',
      before: { step: 'reads-10' },
      after: { step: 'reads-50' },
    })
    expect(line?.verdicts).toContainEqual(expect.objectContaining({ because: 'not-measured' }))
  })

  it('advance: a step without an action, and one whose run is complete', async () => {
    const { world, autopilot, turn, status } = await weekAt('infrastructure')
    await overrulePlan(autopilot, NAME, 'advance', BOB)
    await until(world, async () => (await status()).step.name === 'copy')
    await turn()
    await overrulePlan(autopilot, NAME, 'advance', BOB)
    expect((await status()).step.name).toBe('shadow')
  })

  it('skip: the step is left without its action', async () => {
    const { world, autopilot, turn, status } = await weekAt('writes-both')
    await overrulePlan(autopilot, NAME, 'skip', BOB)
    await turn()
    expect(world.effects).toEqual(['projects rampdown 100'])
    expect((await status()).step.name).toBe('writes-target')
  })

  it('repeat: the step begins again, with new runs and no earlier evidence', async () => {
    const { world, autopilot, turn, status } = await weekAt('pass')
    await turn()
    await overrulePlan(autopilot, NAME, 'repeat', BOB)
    expect(await status()).toMatchObject({ step: { name: 'pass' }, progress: {}, verdicts: [], weighedAt: null })
    await turn()
    expect(world.effects).toEqual(['projects backfill', 'projects backfill'])
  })

  it('turn-back: at once, whatever the evidence says', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-50')
    await turn()
    await overrulePlan(autopilot, NAME, 'turn-back', BOB)
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect(world.stands('projects')).toBe('shadow 100')
    expect((await status()).rollingBack).toEqual([])
    for (const verb of ['advance', 'skip', 'turn-back'] as const)
      await expect(overrulePlan(autopilot, NAME, verb, BOB)).rejects.toMatchObject(conflict)
    await overrulePlan(autopilot, NAME, 'repeat', BOB)
    expect(await status()).toMatchObject({ status: 'running', step: { name: 'reads-50' } })
  })

  it('turn-back: not where there is no way back', async () => {
    const { autopilot } = await weekAt('clean-up')
    await expect(overrulePlan(autopilot, NAME, 'turn-back', BOB)).rejects.toMatchObject(conflict)
  })

  it('a paused plan, which stays paused', async () => {
    const { world, autopilot, turn, status } = await weekAt('reads-10')
    await pausePlan(autopilot, NAME, BOB)
    await overrulePlan(autopilot, NAME, 'skip', BOB)
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'paused' })
    expect(await status()).toMatchObject({ status: 'paused', step: { name: 'reads-50' } })
    expect(world.effects).toEqual([])
  })

  it('the last step, which finishes the plan', async () => {
    const { world, autopilot, turn } = await weekAt('clean-up')
    await overrulePlan(autopilot, NAME, 'skip', BOB)
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'finished' })
    for (const steer of [pausePlan, resumePlan])
      await expect(steer(autopilot, NAME, BOB)).rejects.toMatchObject(conflict)
    await expect(overrulePlan(autopilot, NAME, 'repeat', BOB)).rejects.toMatchObject(conflict)
    const again = await startPlan(autopilot, theWeek(['projects'], { name: NAME, timeScale: TIME_SCALE }), BOB)
    expect(again.entry).toBeGreaterThan(15)
    expect(world.effects).toEqual([])
  })
})

describe('pausing and resuming', () => {
  it('twice is doing it once', async () => {
    const { world, autopilot } = await weekAt('reads-10')
    const lines = (await world.audit()).length
    const paused = await pausePlan(autopilot, NAME, BOB)
    expect(await pausePlan(autopilot, NAME, BOB)).toEqual(paused)
    const resumed = await resumePlan(autopilot, NAME, BOB)
    expect(await resumePlan(autopilot, NAME, BOB)).toEqual(resumed)
    expect((await world.audit()).length - lines).toBe(2)
  })

  it('is refused for a plan that waits for an operator already', async () => {
    const { autopilot, turn } = await weekAt('reads-10')
    await overrulePlan(autopilot, NAME, 'turn-back', BOB)
    await turn()
    await expect(pausePlan(autopilot, NAME, BOB)).rejects.toMatchObject(conflict)
  })
})
