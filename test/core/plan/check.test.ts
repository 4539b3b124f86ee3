import { describe, expect, it } from 'vitest'
import { checkPlan, faultsOfPlan } from '../../../lib/core/plan/check.js'
import type { Condition, MigrationPlan, PlanStep } from '../../../lib/core/plan/plan.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { stepAfterTurningBack } from '../../../lib/core/plan/walk.js'
import type { Stage } from '../../../lib/core/stage.js'

const base: PlanStep = {
  name: 's',
  day: 1,
  action: { kind: 'none' },
  gate: [],
  soakMs: 0,
  onFail: 'wait',
  rollback: null,
}

function move(to: Stage, rolloutPercent = 100, parts: Partial<PlanStep> = {}): PlanStep {
  return { ...base, name: `${to}-${rolloutPercent}`, action: { kind: 'move', to, rolloutPercent }, ...parts }
}

function faults(steps: readonly PlanStep[], parts: Partial<MigrationPlan> = {}): string[] {
  const plan: MigrationPlan = { name: 'p', collections: ['projects'], steps, timeScale: 1, ...parts }
  return faultsOfPlan(plan).map(({ step, fault }) => `${step}: ${fault}`)
}

const full: Partial<PlanStep> = { gate: [{ kind: 'pass-complete' }] }
const proved: Partial<PlanStep> = { gate: [{ kind: 'zero-loss' }] }
const upToLive = [move('dualwrite'), move('shadow', 100, full), move('live')]

describe('the week', () => {
  const week = theWeek(['projects', 'resources'])

  it('is a plan that can be carried out', () => {
    expect(checkPlan(week)).toBe(week)
    expect(checkPlan(theWeek(['a'], { name: 'rehearsal', timeScale: 86_400, minCompared: 0 })).timeScale).toBe(86_400)
  })

  it('takes seven days, each of which soaks for one', () => {
    const soak = (day: number) =>
      week.steps.filter((step) => step.day === day).reduce((sum, { soakMs }) => sum + soakMs, 0)
    expect([1, 2, 3, 4, 5, 6, 7].map(soak)).toEqual([...Array(6).fill(86_400_000), 0])
  })

  it('turns back from every step that moves', () => {
    for (const { action, onFail, rollback } of week.steps)
      if (action.kind === 'move') expect([onFail, rollback]).toEqual(['turn-back', expect.anything()])
  })

  it('gives up no source before the loss check, and cleans up last', () => {
    const withoutProof = week.steps.filter(({ name }) => name !== 'zero-loss')
    expect(faultsOfPlan({ ...week, steps: withoutProof })).toEqual([
      { step: 'cutover', fault: 'gives the source up before a step whose gate has zero-loss' },
    ])
    expect(week.steps.at(-1)?.action.kind).toBe('clean-up')
  })

  it('goes on after a turning back at the first step that was undone', () => {
    const resumedAt = (name: string) => {
      const at = stepAfterTurningBack(
        week,
        week.steps.findIndex((step) => step.name === name),
      )
      return week.steps[at]?.name
    }
    expect(resumedAt('infrastructure')).toBe('infrastructure')
    expect(resumedAt('dual-write')).toBe('dual-write')
    expect(resumedAt('copy')).toBe('dual-write')
    expect(resumedAt('validate')).toBe('shadow')
    expect(resumedAt('reads-10')).toBe('reads-10')
    expect(resumedAt('reads-100')).toBe('reads-10')
    expect(resumedAt('writes-both')).toBe('reads-10')
    expect(resumedAt('writes-target')).toBe('writes-target')
    expect(resumedAt('zero-loss')).toBe('writes-target')
    expect(resumedAt('export')).toBe('cutover')
  })

  it('goes on at the share that is left when only a part is taken down', () => {
    const steps = week.steps.map((step) =>
      step.name === 'reads-100' ? { ...step, rollback: { to: 'shadow' as const, rolloutPercent: 10 } } : step,
    )
    const plan = checkPlan({ ...week, steps })
    const at = stepAfterTurningBack(
      plan,
      steps.findIndex(({ name }) => name === 'reads-100'),
    )
    expect(steps[at]?.name).toBe('reads-50')
  })
})

describe('a plan is refused, with the step and its fault', () => {
  it('when stages are left out', () => {
    expect(faults([move('shadow')])).toEqual(['shadow-100: cannot move to shadow from off (no-such-step)'])
  })

  it('when reads would move before a complete pass', () => {
    expect(faults([move('dualwrite'), move('shadow'), move('live', 10)])).toEqual([
      'live-10: moves to live without an earlier gate with pass-complete in shadow (target-not-full)',
    ])
    expect(faults(upToLive)).toEqual([])
  })

  it('when a rollout does not grow', () => {
    const reads = (...shares: number[]) => [
      ...upToLive.slice(0, 2),
      ...shares.map((share, at) => move('live', share, { name: `${at}` })),
    ]
    expect(faults(reads(10, 50, 100))).toEqual([])
    expect(faults(reads(50, 10))).toEqual(['1: moves nothing: live 10 % is already reached'])
    expect(faults(reads(50, 50))).toEqual(['1: moves nothing: live 50 % is already reached'])
    expect(faults(reads(0.001))).toHaveLength(1)
  })

  it('when a rollback is no legal step down', () => {
    const back = (to: Stage) => faults([...upToLive, move('rampdown', 100, { rollback: { to } })])
    expect(back('live')).toEqual([])
    expect(back('shadow')).toEqual(['rampdown-100: cannot roll back to shadow from rampdown (no-such-step)'])
    expect(back('complete')).toEqual(['rampdown-100: has a rollback to complete, above its own stage rampdown'])
  })

  it('when it turns back to nowhere', () => {
    expect(faults([move('dualwrite', 100, { onFail: 'turn-back' })])).toEqual([
      'dualwrite-100: turns back on failure, but has no rollback',
    ])
  })

  it('when it cleans up too early, or goes on afterwards', () => {
    const cleanUp: PlanStep = { ...base, name: 'clean', action: { kind: 'clean-up' } }
    const complete = [...upToLive, move('rampdown', 100, proved), move('complete')]
    expect(faults([...upToLive, cleanUp])).toEqual(['clean: cleans up before everything stands in complete'])
    expect(faults([...complete, cleanUp, { ...base, name: 'look' }])).toEqual([])
    expect(faults([...complete, { ...cleanUp, rollback: { to: 'rampdown' } }])).toHaveLength(1)
    expect(faults([...complete, cleanUp, { ...base, name: 'x', action: { kind: 'export' } }])).toEqual([
      'x: has export after the clean-up, which ends everything',
    ])
  })

  it.each<[string, Partial<PlanStep>]>([
    ['a soak below 0', { soakMs: -1 }],
    ['a soak that is no number', { soakMs: Number.NaN }],
    ['a day 0', { day: 0 }],
    ['no name', { name: ' ' }],
    ['a rollout above 100', { action: { kind: 'move', to: 'dualwrite', rolloutPercent: 101 } }],
    ['a rollout of 0', { action: { kind: 'move', to: 'dualwrite', rolloutPercent: 0 } }],
    ['a rollback that keeps everything', { rollback: { to: 'off', rolloutPercent: 100 } }],
    ...(
      [
        { kind: 'comparisons', minSamples: 0, maxMismatchShare: 0 },
        { kind: 'comparisons', minSamples: 1, maxMismatchShare: 2 },
        { kind: 'error-rate', minOperations: 0.5, maxShare: 0 },
        { kind: 'error-rate', minOperations: 5, maxShare: Number.NaN },
        { kind: 'validation-clean', minCompared: -1 },
      ] satisfies Condition[]
    ).map((condition): [string, Partial<PlanStep>] => [JSON.stringify(condition), { gate: [condition] }]),
  ])('for %s', (_, parts) => {
    expect(faults([{ ...base, ...parts }])).toHaveLength(1)
  })

  it('for faults of the plan itself', () => {
    expect(faults([], { name: 'Not a name', collections: [], timeScale: 0 })).toEqual([
      'null: has a name that is not 1 to 64 of [a-z0-9-]',
      'null: has no collections',
      'null: has no steps',
      'null: has a timeScale below 0.001',
    ])
    const many = Array.from({ length: 51 }, (_, at) => ({ ...base, name: `${at}` }))
    expect(faults(many, { collections: Array.from({ length: 33 }, (_, at) => `c${at}`) })).toHaveLength(2)
    expect(faults([base], { collections: ['a', 'a', ''] })).toHaveLength(2)
  })

  it('for steps of one name, and days that go back', () => {
    const steps = [{ ...base, day: 2 }, base, { ...base, name: 't' }]
    expect(faults(steps)).toEqual([
      's: has the name of an earlier step',
      's: has an earlier day than the step before it',
    ])
  })

  it('by one error that names them all', () => {
    const plan: MigrationPlan = {
      name: 'p',
      collections: ['a'],
      steps: [{ ...base, soakMs: -1, day: 0 }],
      timeScale: 1,
    }
    expect(() => checkPlan(plan)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: 'Step "s" has a day that is not a whole number from 1. Step "s" has a soakMs below 0 or above a year.',
      }),
    )
  })
})
