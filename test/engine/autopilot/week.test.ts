import { describe, expect, it } from 'vitest'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { planNames } from '../../../lib/engine/autopilot/kept.js'
import { planStatus } from '../../../lib/engine/autopilot/status.js'
import { startPlan } from '../../../lib/engine/autopilot/steer.js'
import { BOB, NAME, until, weekAt } from './harness.js'
import { World } from './world.js'

describe('the whole week at a day a second', () => {
  it('carries two collections from off to cleaned up, step by step', async () => {
    const { world, status } = await weekAt(null, ['projects', 'resources'])
    const start = world.now
    const results = await until(world, async () => (await status()).status === 'finished')
    const acts = (collection: string) =>
      world.effects
        .filter((effect) => effect.startsWith(collection))
        .map((effect) => effect.slice(collection.length + 1))
    expect(acts('projects')).toEqual([
      'dualwrite 100',
      'backfill',
      'shadow 100',
      'backfill',
      'validate',
      'live 10',
      'live 50',
      'live 100',
      'validate',
      'rampdown 100',
      'zero-loss',
      'complete 100',
      'export',
      'clean-up',
    ])
    expect(acts('resources')).toEqual(acts('projects'))
    expect(world.fence('resources').plain).toBe(true)
    expect(results.filter(({ kind }) => kind === 'advanced')).toHaveLength(14)
    expect(results.at(-1)).toMatchObject({ kind: 'finished', step: 'clean-up' })
    const days = (world.now - start) / 1000
    expect(days).toBeGreaterThan(6)
    expect(days).toBeLessThan(10)
  })

  it('leaves at most one step a tick, and none before its soak is over', async () => {
    const { world, turn, status } = await weekAt('reads-10')
    await turn()
    expect((await status()).soakLeftMs).toBe(1000 / 3)
    world.now += 333
    expect(await turn()).toMatchObject({ kind: 'waits', reason: expect.stringContaining('soaking') })
    world.now += 1
    expect(await turn()).toMatchObject({ kind: 'advanced', step: 'reads-10' })
    expect(await status()).toMatchObject({ step: { name: 'reads-50' }, progress: {}, verdicts: [] })
    expect(world.effects).toEqual(['projects live 10'])
  })

  it('explains every decision in the audit trail, with the inputs it was made from', async () => {
    const { world, status } = await weekAt(null)
    await until(world, async () => (await status()).status === 'finished')
    const lines = await world.audit()
    for (const line of lines)
      expect(line).toMatchObject({ plan: NAME, reason: expect.stringMatching(/./), by: expect.any(String) })
    const advanced = lines.filter(({ action }) => action === 'plan-advanced')
    expect(advanced).toHaveLength(14)
    for (const { verdicts, evidence, before, after } of advanced) {
      expect(new Set(verdicts.map(({ outcome }) => outcome))).toEqual(new Set(['pass']))
      expect(evidence.projects).toMatchObject({ takenAt: expect.any(Number) })
      expect(before.step).not.toBe(after.step)
    }
    expect(lines[0]).toMatchObject({ action: 'plan-started', by: 'bob', reason: BOB.reason })
    expect(lines.at(-1)).toMatchObject({ action: 'plan-finished', after: { status: 'finished' } })
    expect((await status()).history.length).toBeLessThanOrEqual(50)
  })

  it('says where it stands, why it waits, and what is next', async () => {
    const { world, turn, status } = await weekAt('copy')
    expect(await status()).toMatchObject({
      status: 'running',
      stepNumber: 3,
      steps: 15,
      step: { name: 'copy', day: 2 },
      soakLeftMs: 1000,
      next: { kind: 'act', collection: 'projects', action: { kind: 'run', run: 'backfill' } },
    })
    world.runEnds = () => 'running'
    await turn()
    const report = await status()
    expect(report.next).toEqual({ kind: 'weigh' })
    expect(report.progress).toEqual({ projects: { kind: 'run', runId: 'run-1', starts: 1, status: 'running' } })
    expect(report.verdicts.map(({ condition, because }) => [condition.kind, because])).toEqual([
      ['action-done', 'action-under-way'],
      ['pass-complete', 'run-not-complete'],
      ['no-dead-letters', 'no-dead-letters'],
      ['soak', 'soaking'],
    ])
  })
})

describe('starting a plan', () => {
  const week = (name: string, collections: string[]) => theWeek(collections, { name })

  it('twice is starting it once', async () => {
    const world = new World()
    const first = await startPlan(world.autopilot(), week('a', ['projects']), BOB)
    world.now += 5
    expect(await startPlan(world.autopilot(), week('a', ['projects']), BOB)).toEqual(first)
    expect(await world.audit()).toHaveLength(1)
    expect(await planNames(world.autopilot())).toEqual(['a'])
  })

  it('is refused when the plan cannot be carried out', async () => {
    const world = new World()
    const bad = { ...week('a', ['projects']), timeScale: -1 }
    await expect(startPlan(world.autopilot(), bad, BOB)).rejects.toMatchObject({ code: 'invalid-input' })
    expect(await planNames(world.autopilot())).toEqual([])
    await expect(planStatus(world.autopilot(), 'a')).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is refused while another plan is at work on one of its collections', async () => {
    const world = new World()
    await startPlan(world.autopilot(), week('a', ['projects', 'resources']), BOB)
    const start = () => startPlan(world.autopilot(), week('b', ['resources', 'tenants']), BOB)
    await expect(start()).rejects.toMatchObject({ code: 'conflict', details: { plan: 'a' } })
    await startPlan(world.autopilot(), week('c', ['tenants']), BOB)
    await expect(startPlan(world.autopilot(), week('a', ['other']), BOB)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('is won by one of two plans that are started at once', async () => {
    const world = new World()
    const starts = ['a', 'b'].map((name) => startPlan(world.autopilot(), week(name, ['projects']), BOB))
    const settled = await Promise.allSettled(starts)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })
})
