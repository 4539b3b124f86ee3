import { describe, expect, it } from 'vitest'
import type { MigrationPlan, PlanStep } from '../../../lib/core/plan/plan.js'
import { planStatus } from '../../../lib/engine/autopilot/status.js'
import { failPlan, resumePlan, startPlan, withdrawPlan } from '../../../lib/engine/autopilot/steer.js'
import { tick } from '../../../lib/engine/autopilot/tick.js'
import { BOB, NAME } from './harness.js'
import { World } from './world.js'

function share(rolloutPercent: number, back = 0): PlanStep {
  return {
    name: `share-${rolloutPercent}`,
    day: 1,
    action: { kind: 'rollout', rolloutPercent },
    gate: [{ kind: 'error-rate', minOperations: 1, maxShare: 0.01 }, { kind: 'no-alerts' }],
    soakMs: 1_000,
    onFail: 'turn-back',
    rollback: { rolloutPercent: back },
  }
}

const stage: PlanStep = {
  name: 'dual-write',
  day: 1,
  action: { kind: 'move', to: 'dualwrite', rolloutPercent: 100 },
  gate: [{ kind: 'stores-healthy' }, { kind: 'no-alerts' }],
  soakMs: 0,
  onFail: 'turn-back',
  rollback: { to: 'off' },
}

async function running(steps: readonly PlanStep[], more: Partial<MigrationPlan> = {}) {
  const world = new World()
  const autopilot = world.autopilot()
  const plan = { name: NAME, collections: [], components: ['search', 'mail'], steps, timeScale: 1, ...more }
  await startPlan(autopilot, plan, BOB)
  const turn = () => tick(autopilot, NAME, { budgetMs: 60_000 })
  const shares = () => [world.rollouts.get('search') ?? 0, world.rollouts.get('mail') ?? 0]
  /** Turns until the share of both is so. */
  const until = async (percent: number) => {
    for (let count = 0; count < 50 && shares().some((now) => now !== percent); count++) {
      await turn()
      world.now += 1_000
    }
    expect(shares()).toEqual([percent, percent])
  }
  return { world, autopilot, turn, shares, until, status: () => planStatus(autopilot, NAME) }
}

const ill = { operations: { count: 100, failed: 50 } }

describe('a plan over components', () => {
  it('takes them through its shares together, and ends', async () => {
    const { world, turn, until, status } = await running([share(1), share(50), share(100)])
    await until(100)
    await turn()
    expect(world.effects).toEqual(
      [1, 50, 100].flatMap((percent) => [`search rollout ${percent}`, `mail rollout ${percent}`]),
    )
    expect(await status()).toMatchObject({ status: 'finished', components: ['search', 'mail'] })
  })

  it('takes all of them back when one fails, to the share that its step names', async () => {
    const { world, turn, until, shares, status, autopilot } = await running([share(10), share(50, 10), share(100)])
    await until(50)
    world.says = (component) => (component === 'mail' ? ill : {})
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect(shares()).toEqual([10, 10])
    world.says = () => ({})
    await resumePlan(autopilot, NAME, BOB)
    expect((await status()).step.name).toBe('share-50')
    await until(100)
  })

  it('beside collections acts on each by the actions that are theirs, and asks of each what it can show', async () => {
    const { world, turn, status } = await running([stage, share(10)], { collections: ['projects'] })
    world.says = (name) => (name === 'search' ? { stores: null, flags: null } : {})
    await turn()
    expect((await status()).verdicts.filter(({ condition }) => condition.kind === 'stores-healthy')).toHaveLength(0)
    expect(world.effects).toEqual(['projects dualwrite 100'])
    await turn()
    expect(world.effects.slice(1)).toEqual(['search rollout 10', 'mail rollout 10'])
    world.now += 1_000
    world.says = (name) => (name === 'search' ? ill : {})
    expect(await turn()).toMatchObject({ status: 'turned-back' })
    // What the step acts on goes back, and no more.
    expect([world.stands('projects'), world.rollouts.get('search'), world.rollouts.get('mail')]).toEqual([
      'dualwrite 100',
      0,
      0,
    ])
  })

  it('goes back when somebody else has taken one of them back, and waits when it was set higher', async () => {
    const { world, turn, until, shares } = await running([share(10), share(50)])
    await until(10)
    world.rollouts.set('search', 30)
    world.now += 60_000
    expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('rollout-changed') })
    world.rollouts.set('search', 5)
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'turned-back' })
    expect(shares()).toEqual([0, 0])
  })

  it('holds its components against other plans', async () => {
    const { autopilot } = await running([share(10)])
    const other = { name: 'other', collections: [], components: ['mail'], steps: [share(10)], timeScale: 1 }
    await expect(startPlan(autopilot, other, BOB)).rejects.toMatchObject({ code: 'conflict', details: { plan: NAME } })
  })

  it('after a crash between action and record sets nothing twice', async () => {
    const { world, turn, until } = await running([share(10), share(100)])
    world.afterAction = () => {
      throw new TypeError('stopped')
    }
    await expect(turn()).rejects.toThrow(TypeError)
    world.afterAction = () => undefined
    await resumePlan(world.autopilot(), NAME, BOB)
    await until(100)
    expect(world.effects.filter((effect) => effect === 'search rollout 10')).toHaveLength(1)
  })
})

describe('a plan that is', () => {
  it('failed from outside does nothing more, and begins at its first step when it is resumed', async () => {
    const { world, autopilot, turn, until, status } = await running([share(1), share(50), share(100)])
    await until(50)
    await failPlan(autopilot, NAME, BOB)
    await failPlan(autopilot, NAME, BOB)
    world.effects.length = 0
    for (let count = 0; count < 3; count++) {
      expect(await turn()).toMatchObject({ kind: 'rests', status: 'failed' })
      world.now += 3_600_000
    }
    expect(world.effects).toEqual([])
    expect((await world.audit()).filter(({ action }) => action === 'plan-failed')).toHaveLength(1)
    for (const name of ['search', 'mail']) world.rollouts.set(name, 0)
    await resumePlan(autopilot, NAME, BOB)
    expect((await status()).step.name).toBe('share-1')
    await until(100)
  })

  it('withdrawn goes back from where it stands, also from its end, and only once', async () => {
    const { world, autopilot, turn, until, shares, status } = await running([share(1), share(100)])
    await until(100)
    await turn()
    expect((await status()).status).toBe('finished')
    await withdrawPlan(autopilot, NAME, BOB)
    await withdrawPlan(autopilot, NAME, BOB)
    await turn()
    expect(shares()).toEqual([0, 0])
    expect((await world.audit()).filter(({ action }) => action === 'plan-withdrawn')).toHaveLength(1)
  })

  it('held begins nothing and cannot be started or resumed, but what goes back is taken back', async () => {
    const { world, autopilot, turn, until, shares } = await running([share(1), share(100)])
    await until(1)
    await withdrawPlan(autopilot, NAME, BOB)
    world.holds = () => 'everything is stopped'
    await turn()
    expect(shares()).toEqual([0, 0])
    await expect(resumePlan(autopilot, NAME, BOB)).rejects.toMatchObject({ code: 'conflict' })
    const other = { name: 'other', collections: [], components: ['x'], steps: [share(10)], timeScale: 1 }
    await expect(startPlan(autopilot, other, BOB)).rejects.toMatchObject({ code: 'conflict' })
    world.holds = () => null
    await resumePlan(autopilot, NAME, BOB)
    world.holds = () => 'everything is stopped'
    world.effects.length = 0
    expect(await turn()).toMatchObject({ kind: 'held', why: 'everything is stopped' })
    expect(world.effects).toEqual([])
  })
})
