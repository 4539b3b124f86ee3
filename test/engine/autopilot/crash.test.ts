import { describe, expect, it } from 'vitest'
import { CutoverError } from '../../../lib/core/error.js'
import { overrulePlan, resumePlan } from '../../../lib/engine/autopilot/steer.js'
import { tick } from '../../../lib/engine/autopilot/tick.js'
import { BOB, NAME, until, weekAt } from './harness.js'

const CLAIM_MS = 15 * 60_000

/** A function that is stopped for good after the action and before its record: nothing that it does later happens. */
async function crashAfterAction({ world, turn }: Awaited<ReturnType<typeof weekAt>>): Promise<void> {
  const stopped = new Promise<void>((stop) => {
    world.afterAction = () => {
      stop()
      return new Promise<void>(() => undefined)
    }
  })
  turn().catch(() => undefined)
  await stopped
  world.afterAction = () => undefined
}

describe('a crash between action and record', () => {
  it.each(['dual-write', 'copy', 'reads-50', 'zero-loss', 'cutover'])(
    'in %s: the action is not done twice',
    async (step) => {
      const week = await weekAt(step)
      const { world, turn, status } = week
      await crashAfterAction(week)
      expect(world.effects).toHaveLength(1)
      expect(await turn()).toMatchObject({ kind: 'busy', until: world.now + CLAIM_MS })
      world.now += CLAIM_MS
      await turn()
      expect(world.effects).toHaveLength(1)
      expect(
        (await world.audit()).filter(({ action, before }) => action === 'plan-acted' && before.step === step),
      ).toHaveLength(1)
      await until(world, async () => (await status()).step.name !== step)
    },
  )

  it('of a rollback: it is finished by another tick', async () => {
    const week = await weekAt('reads-50', ['projects', 'resources'])
    const { world, turn, status } = week
    await turn()
    world.says = () => ({ openAlerts: 1 })
    await crashAfterAction(week)
    expect((await status()).rollingBack).toEqual(['projects', 'resources'])
    world.now += CLAIM_MS
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect([world.stands('projects'), world.stands('resources')]).toEqual(['shadow 100', 'shadow 100'])
    expect(world.effects.filter((effect) => effect === 'projects shadow 0')).toHaveLength(1)
  })

  it('leaves an operator who overrules to wait until the action cannot be under way any more', async () => {
    const week = await weekAt('reads-10')
    await crashAfterAction(week)
    const skip = () => overrulePlan(week.autopilot, NAME, 'skip', BOB)
    await expect(skip()).rejects.toMatchObject({ code: 'conflict' })
    week.world.now += CLAIM_MS
    expect(await skip()).toMatchObject({ stepIndex: 7 })
  })

  it('a result that comes after another tick took over is not recorded twice', async () => {
    const { world, turn, status } = await weekAt('reads-10')
    let goOn: () => void = () => undefined
    const reached = new Promise<void>((reach) => {
      world.afterAction = () => {
        reach()
        return new Promise<void>((resolve) => {
          goOn = resolve
        })
      }
    })
    const late = turn()
    await reached
    world.afterAction = () => undefined
    world.now += CLAIM_MS
    await turn()
    const state = await status()
    goOn()
    expect(await late).toMatchObject({ kind: 'overtaken' })
    expect(await status()).toEqual(state)
  })
})

describe('an action that fails', () => {
  it('for now is asked for again, and recorded once', async () => {
    const { world, turn, status } = await weekAt('reads-10')
    world.beforeAction = () => {
      throw new CutoverError('unavailable', 'down')
    }
    for (let count = 0; count < 5; count++) {
      expect(await turn()).toMatchObject({ kind: 'blocked', blocked: { projects: 'unavailable' } })
      world.now += 60_000
    }
    expect((await world.audit()).filter(({ action }) => action === 'plan-blocked')).toHaveLength(1)
    world.beforeAction = () => undefined
    await until(world, async () => (await status()).step.name === 'reads-50')
  })

  it('since the target is not full waits for a pass', async () => {
    const { world, turn } = await weekAt('reads-10')
    const fence = world.fence('projects')
    world.fences.set('projects', { ...fence, ranges: fence.ranges.map((range) => ({ ...range, fullTarget: false })) })
    expect(await turn()).toMatchObject({ kind: 'blocked', blocked: { projects: 'target-not-full' } })
    world.fences.set('projects', fence)
    expect(await turn()).toMatchObject({ kind: 'waits' })
    expect(world.stands('projects')).toBe('live 10')
  })

  it('for good fails the plan, and a resumed plan begins the step again', async () => {
    const { world, autopilot, turn, status } = await weekAt('shadow')
    const fence = world.fence('projects')
    world.fences.delete('projects')
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'failed' })
    expect((await world.audit()).at(-1)).toMatchObject({
      action: 'plan-failed',
      reason: 'move to shadow 100 % of projects was refused: no-such-step',
    })
    world.fences.set('projects', fence)
    await resumePlan(autopilot, NAME, BOB)
    await until(world, async () => (await status()).step.name === 'pass')
  })

  it('in an unexpected way fails the plan and is shown to whoever ticked', async () => {
    const { world, turn, status } = await weekAt('shadow')
    world.beforeAction = () => {
      throw new TypeError('a secret in a message')
    }
    await expect(turn()).rejects.toThrow(TypeError)
    expect((await status()).status).toBe('failed')
    expect(JSON.stringify(await world.audit())).not.toContain('secret')
  })
})

describe('a run', () => {
  it('that fails or vanishes is started again, three times in all, and then the step fails', async () => {
    const { world, turn } = await weekAt('validate')
    world.runEnds = () => 'failed'
    const reasons: string[] = []
    for (let count = 0; count < 3; count++) {
      const result = await turn()
      if ('reason' in result) reasons.push(result.reason.split(';')[0] ?? '')
    }
    expect(reasons).toEqual(
      [1, 2].map((starts) => expect.stringContaining(`run-starts-again (runId run-${starts + 2}, starts ${starts})`)),
    )
    expect(world.effects).toEqual([
      'projects validate',
      'projects validate',
      'projects validate',
      'projects dualwrite 0',
    ])
    expect((await turn()).kind).toBe('rests')
  })

  it('that somebody cancelled is not started again', async () => {
    const { world, turn } = await weekAt('pass')
    world.runEnds = () => 'cancelled'
    for (let count = 0; count < 3; count++)
      expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('run-cancelled') })
    expect(world.effects).toEqual(['projects backfill'])
  })

  it('that cleans up is waited for', async () => {
    const { world, autopilot, status } = await weekAt('clean-up')
    const cleanUp = (collection: string, key: string) => world.actions.startRun('backfill', collection, key)
    const turn = () => tick({ ...autopilot, actions: { ...world.actions, cleanUp } }, NAME, { budgetMs: 1000 })
    world.runEnds = () => 'running'
    expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('action-under-way') })
    world.runEnds = () => 'complete'
    expect(await turn()).toMatchObject({ kind: 'finished' })
    expect((await status()).status).toBe('finished')
  })

  it('that nobody knows any more is started again', async () => {
    const { world, turn } = await weekAt('pass')
    world.runEnds = () => 'running'
    await turn()
    world.runs.clear()
    await turn()
    world.runEnds = () => 'complete'
    await tick(world.autopilot(), NAME, { budgetMs: 1000 })
    expect(world.effects).toEqual(['projects backfill', 'projects backfill'])
  })
})
