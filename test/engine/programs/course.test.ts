import { describe, expect, it } from 'vitest'
import { readPlan } from '../../../lib/engine/autopilot/kept.js'
import { pausePlan } from '../../../lib/engine/autopilot/steer.js'
import {
  cancelProgram,
  overrulePhase,
  pauseProgram,
  resumeProgram,
  retryPhase,
  startProgram,
} from '../../../lib/engine/programs/steer.js'
import { stopProgram } from '../../../lib/engine/programs/stop.js'
import { ANN, DIAMOND, harness, NAME, ProgramWorld, phase, program, started } from './world.js'

const failing = { operations: { count: 1000, failed: 500 } }

describe('a program', () => {
  it('takes every component through its shares, phases in the order of what they depend on', async () => {
    const { world, state, until } = await started(DIAMOND)
    await until(async () => (await state()).status === 'finished')
    const shares = (name: string) => world.effects.filter((effect) => effect.startsWith(`c-${name} `))
    for (const name of ['base', 'left', 'right', 'top'])
      expect(shares(name)).toEqual([1, 50, 100].map((share) => `c-${name} rollout ${share}`))
    const at = (effect: string) => world.effects.indexOf(effect)
    expect(at('c-left rollout 1')).toBeGreaterThan(at('c-base rollout 100'))
    // Side by side: each begins before the other is through.
    expect(at('c-right rollout 1')).toBeLessThan(at('c-left rollout 50'))
    expect(at('c-top rollout 1')).toBeGreaterThan(Math.max(at('c-left rollout 100'), at('c-right rollout 100')))
  })

  it('lets no more phases go side by side than it says', async () => {
    const { stands, turn } = await started(program([phase('a'), phase('b'), phase('c')], { parallel: 2 }))
    await turn()
    expect(Object.values(await stands()).sort()).toEqual(['running', 'running', 'waiting'])
  })

  it('enters every change of a phase in the journal and the audit trail', async () => {
    const { world, state, until } = await started(program([phase('a')]))
    await until(async () => (await state()).status === 'finished')
    const { items } = await world.ledger.entries('state/phase', { limit: 100 })
    expect(items.map(({ value }) => value)).toMatchObject([
      { program: NAME, phase: null, event: 'program-started', by: 'ann' },
      { phase: 'a', event: 'phase-began', before: 'waiting', after: 'running', attempt: 1 },
      { phase: 'a', event: 'phase-finished', before: 'running', after: 'finished' },
      { phase: null, event: 'program-finished' },
    ])
    const actions = (await world.audit()).map(({ action }) => action)
    expect(actions).toEqual(expect.arrayContaining(['program-started', 'phase-began', 'program-finished']))
  })

  it('takes collections along by the week, beside components', async () => {
    const given = program([
      phase('records', [], { components: ['projects'], course: { kind: 'week', minSamples: 1 } }),
      phase('search'),
    ])
    const { world, state, until } = await started({ ...given, timeScale: 10_000 })
    await until(async () => (await state()).status === 'finished')
    expect(world.fence('projects').plain).toBe(true)
    expect(world.share('c-search')).toBe(100)
  })

  it('asks the queue for the next turn, under one id for one turn, and for none when there is nothing to do', async () => {
    const { world, turn, until, state } = await started(DIAMOND)
    expect(world.wakes).toHaveLength(1)
    await turn()
    const soaks = world.wakes.filter(({ delayMs }) => delayMs > 0)
    expect(soaks).toMatchObject([{ deduplicationId: `soak-${NAME}--base--1-1`, delayMs: 60_000 }])
    await until(async () => (await state()).status === 'finished')
    world.wakes.length = 0
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'finished' })
    expect(world.wakes).toEqual([])
  })
})

describe('a phase that fails', () => {
  it('turns back by itself, its dependents never start, and independent phases go on', async () => {
    const { world, turn, state, stands, until } = await started(
      program([phase('a'), phase('b'), phase('after-a', ['a'])]),
    )
    await until(async () => world.share('c-a') === 50)
    world.says = (component) => (component === 'c-a' ? failing : {})
    await until(async () => (await state()).status === 'failed')
    expect(await stands()).toEqual({ a: 'turned-back', b: 'finished', 'after-a': 'waiting' })
    expect([world.share('c-a'), world.share('c-b'), world.share('c-after-a')]).toEqual([0, 100, 0])
    expect((await state()).because).toBe('a is turned-back; for that wait after-a')
    expect((await state()).phases.a?.because).toContain('error-rate of c-a: fail, share-above-limit')
    expect(world.alerts).toHaveLength(1)
    world.says = () => ({})
    world.now += 86_400_000
    expect(await turn()).toMatchObject({ kind: 'rests', status: 'failed' })
    expect(world.share('c-a')).toBe(0)
  })

  it('begins again at the first share when it is retried, and the program is finished', async () => {
    const { world, programs, state, until } = await started(program([phase('a'), phase('b', ['a'])]))
    world.says = (component) => (component === 'c-a' ? failing : {})
    await until(async () => (await state()).status === 'failed')
    world.says = () => ({})
    world.effects.length = 0
    await retryPhase(programs, NAME, 'a', { by: 'ann', reason: 'mended' })
    await until(async () => (await state()).status === 'finished')
    expect(world.effects.slice(0, 3)).toEqual(['c-a rollout 1', 'c-a rollout 50', 'c-a rollout 100'])
    expect((await state()).phases.a).toMatchObject({ status: 'finished', attempt: 2 })
    await expect(retryPhase(programs, NAME, 'a', ANN)).rejects.toMatchObject({ code: 'conflict' })
  })

  it('after it was finished takes its dependents back with it where it says so, those first that depend on others', async () => {
    const given = program([
      phase('a', [], { onFail: 'turn-back-dependents' }),
      phase('b', ['a']),
      phase('c', ['b'], { course: { kind: 'gradual', percentages: [1, 100], soakMs: 3_600_000 } }),
      phase('d'),
    ])
    const { world, programs, state, stands, until } = await started(given)
    await until(async () => world.share('c-c') === 1)
    world.effects.length = 0
    world.breachOf = (component) => (component === 'c-a' ? 'a rule of c-a is in breach' : null)
    await until(async () => (await stands()).a === 'turned-back')
    expect(world.effects.filter((effect) => effect.endsWith(' 0'))).toEqual([
      'c-c rollout 0',
      'c-b rollout 0',
      'c-a rollout 0',
    ])
    expect(world.share('c-d')).toBe(100)
    expect((await state()).status).toBe('failed')
    world.breachOf = () => null
    await retryPhase(programs, NAME, 'a', ANN)
    await until(async () => (await state()).status === 'finished')
    expect([world.share('c-a'), world.share('c-b'), world.share('c-c')]).toEqual([100, 100, 100])
  })

  it('goes back when somebody else has taken its rollout back', async () => {
    const { world, state, until } = await started(program([phase('a')]))
    await until(async () => world.share('c-a') === 50)
    world.rollouts.set('c-a', 0)
    await until(async () => (await state()).status === 'failed')
    expect((await state()).phases.a?.because).toContain('rollout-taken-back')
  })

  it.each(['at work', 'finished'])('goes back when a component of it is rolled back while it is %s', async (when) => {
    const { world, programs, state, stands, until } = await started(program([phase('a'), phase('b')]))
    if (when === 'finished') await until(async () => (await stands()).a === 'finished')
    else await until(async () => world.share('c-a') === 50)
    // As a rollback does: the share is taken back, and the plan paused.
    world.rollouts.set('c-a', 0)
    world.rolledBackAt.set('c-a', world.now)
    const plan = `${NAME}--a--1`
    if (when === 'at work') await pausePlan(programs.autopilot, plan, { by: 'monitor', reason: 'a breach' })
    if (when === 'finished') await overrulePhase(programs, NAME, 'b', 'turn-back', ANN)
    await until(async () => (await state()).status === 'failed')
    expect((await state()).phases.a).toMatchObject({ status: 'turned-back', because: 'bob rolled c-a back' })
    world.now += 1
    for (const name of Object.keys(await stands()))
      if ((await stands())[name] === 'turned-back') await retryPhase(programs, NAME, name, ANN)
    await until(async () => (await state()).status === 'finished')
    expect(world.share('c-a')).toBe(100)
  })

  it('fails without being turned back where something was refused for good, and can be retried', async () => {
    const world = new ProgramWorld()
    const at = await started(program([phase('a')]), world)
    world.kindsThere = new Map()
    await at.turn()
    expect(await at.stands()).toEqual({ a: 'failed' })
    expect((await at.state()).phases.a?.because).toContain('has no collections')
    world.kindsThere = new Map([['c-a', 'flag']])
    await retryPhase(at.programs, NAME, 'a', ANN)
    await at.until(async () => (await at.state()).status === 'finished')
  })
})

describe('checks between phases', () => {
  const CHECKED = program([phase('a', [], { checks: ['performance', 'api'] }), phase('b', ['a'])])

  it('hold the next phase until every one has passed for every component', async () => {
    const { world, turn, stands, until, state } = await started(CHECKED)
    world.checkSays = ({ check }) => (check === 'api' ? 'not-enough-evidence' : 'pass')
    await until(async () => (await stands()).a === 'checking')
    for (let count = 0; count < 20; count++) {
      await turn()
      world.now += 3_600_000
    }
    expect(await stands()).toEqual({ a: 'checking', b: 'waiting' })
    world.checkSays = () => 'pass'
    await until(async () => (await state()).status === 'finished')
    expect(new Set(world.checked.map(({ plan, check }) => `${plan} ${check}`))).toEqual(
      new Set([`${NAME}--a--1 performance`, `${NAME}--a--1 api`]),
    )
  })

  it('that fail turn the phase back', async () => {
    const { world, stands, until, state } = await started(CHECKED)
    world.checkSays = ({ check }) => (check === 'api' ? 'fail' : 'pass')
    await until(async () => (await state()).status === 'failed')
    expect(await stands()).toEqual({ a: 'turned-back', b: 'waiting' })
    expect(world.share('c-a')).toBe(0)
    expect((await state()).phases.a?.because).toBe('check api says fail')
  })

  it('can be overruled with a reason', async () => {
    const { world, programs, stands, until, state } = await started(CHECKED)
    world.checkSays = () => 'unavailable'
    await until(async () => (await stands()).a === 'checking')
    await overrulePhase(programs, NAME, 'a', 'advance', { by: 'ann', reason: 'looked at by hand' })
    await until(async () => (await state()).status === 'finished')
    expect((await world.audit()).find(({ action }) => action === 'phase-checks-overruled')).toMatchObject({
      by: 'ann',
      reason: 'looked at by hand',
    })
  })
})

describe('an operator', () => {
  it('pauses a program, and nothing acts until it is resumed', async () => {
    const { world, programs, turn, until, state } = await started(DIAMOND)
    await until(async () => world.share('c-base') === 1)
    await pauseProgram(programs, NAME, ANN)
    const before = [...world.effects]
    for (let count = 0; count < 10; count++) {
      expect(await turn()).toMatchObject({ kind: 'rests', status: 'paused' })
      world.now += 3_600_000
    }
    expect(world.effects).toEqual(before)
    await resumeProgram(programs, NAME, ANN)
    await until(async () => (await state()).status === 'finished')
  })

  it('cancels a program: it stays where it is, and lets its components go', async () => {
    const { world, programs, until, state, turn } = await started(DIAMOND)
    await until(async () => world.share('c-base') === 50)
    await cancelProgram(programs, NAME, ANN)
    expect(await state()).toMatchObject({ status: 'cancelled', phases: { base: { status: 'failed' } } })
    expect((await readPlan(programs.autopilot, `${NAME}--base--1`)).state.status).toBe('failed')
    await turn()
    expect(world.share('c-base')).toBe(50)
    await expect(retryPhase(programs, NAME, 'base', ANN)).rejects.toMatchObject({ code: 'conflict' })
    await startProgram(programs, { ...DIAMOND, name: 'another' }, ANN)
  })

  it('skips a phase that does not come through, and those that depend on it begin', async () => {
    const { world, programs, until, state, stands } = await started(DIAMOND)
    world.says = (component) => (component === 'c-left' ? failing : {})
    await until(async () => (await state()).status === 'failed')
    expect(await stands()).toMatchObject({ left: 'turned-back', right: 'finished', top: 'waiting' })
    await overrulePhase(programs, NAME, 'left', 'skip', ANN)
    await until(async () => (await state()).status === 'finished')
    expect(await stands()).toMatchObject({ left: 'skipped', top: 'finished' })
    expect(world.share('c-left')).toBe(0)
  })

  it('turns back a phase that is finished', async () => {
    const { world, programs, until, state, stands } = await started(program([phase('a'), phase('b')]))
    await until(async () => (await state()).status === 'finished')
    await overrulePhase(programs, NAME, 'a', 'turn-back', ANN)
    await until(async () => (await state()).status === 'failed')
    expect(await stands()).toEqual({ a: 'turned-back', b: 'finished' })
    expect([world.share('c-a'), world.share('c-b')]).toEqual([0, 100])
  })

  it('leaves the step of a phase by overruling it', async () => {
    const { world, programs, until, turn } = await started(program([phase('a')]))
    await until(async () => world.share('c-a') === 1)
    world.says = () => ({ operations: null })
    await overrulePhase(programs, NAME, 'a', 'advance', ANN)
    await turn()
    expect(world.share('c-a')).toBe(50)
  })

  it('who pauses one plan of it holds that phase alone', async () => {
    const { programs, world, until, turn, stands } = await started(program([phase('a'), phase('b')]))
    await until(async () => world.share('c-a') === 1)
    await pausePlan(programs.autopilot, `${NAME}--a--1`, ANN)
    world.wakes.length = 0
    await turn()
    expect(world.wakes.filter(({ delayMs }) => delayMs === 0)).toEqual([])
    await until(async () => (await stands()).b === 'finished')
    expect((await stands()).a).toBe('running')
  })

  it('starts a program that is under way a second time without effect, and another of its name not at all', async () => {
    const { world, programs, state, until } = await started(DIAMOND)
    await startProgram(programs, DIAMOND, ANN)
    await expect(startProgram(programs, { ...DIAMOND, parallel: 1 }, ANN)).rejects.toMatchObject({ code: 'conflict' })
    await until(async () => (await state()).status === 'finished')
    world.effects.length = 0
    await startProgram(programs, DIAMOND, ANN)
    await until(async () => (await state()).status === 'finished')
    expect(world.effects[0]).toBe('c-base rollout 1')
  })
})

describe('an emergency stop', () => {
  it('fails the program and its plans at once, and nothing of it begins again', async () => {
    const { world, programs, until, turn, state, stands } = await started(DIAMOND)
    await until(async () => world.share('c-left') === 1)
    world.stop = 'bob has stopped everything: fire'
    await stopProgram(programs.autopilot, NAME, { by: 'bob', reason: 'fire' }, 'failed')
    expect(await state()).toMatchObject({ status: 'failed', because: 'fire' })
    expect(await stands()).toMatchObject({ base: 'finished', left: 'failed', right: 'failed', top: 'waiting' })
    world.effects.length = 0
    for (let count = 0; count < 5; count++) {
      await turn()
      world.now += 3_600_000
    }
    expect(world.effects).toEqual([])
    await expect(retryPhase(programs, NAME, 'left', ANN)).rejects.toMatchObject({ code: 'conflict' })
    await expect(startProgram(programs, { ...DIAMOND, name: 'x' }, ANN)).rejects.toMatchObject({ code: 'conflict' })
    // It is lifted: nothing goes on by itself, and a phase that is retried begins at its first share.
    world.stop = null
    for (const name of ['c-left', 'c-right']) world.rollouts.set(name, 0)
    await turn()
    expect(world.effects).toEqual([])
    await retryPhase(programs, NAME, 'left', ANN)
    await retryPhase(programs, NAME, 'right', ANN)
    await until(async () => (await state()).status === 'finished')
    expect(world.effects.filter((effect) => effect.startsWith('c-left'))).toEqual([
      'c-left rollout 1',
      'c-left rollout 50',
      'c-left rollout 100',
    ])
  })

  it('that stands holds a program which was not yet failed', async () => {
    const { world, turn } = await started(DIAMOND)
    world.stop = 'bob has stopped everything'
    expect(await turn()).toMatchObject({ kind: 'held', why: 'bob has stopped everything' })
    expect(world.effects).toEqual([])
    expect(harness(world)).toBeDefined()
  })
})
