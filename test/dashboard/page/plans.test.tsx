import { describe, expect, test } from 'vitest'
import { Plans } from '../../../lib/dashboard/page/plans.js'
import type { DashboardState } from '../../../lib/dashboard/state.js'
import { HOSTILE, shownPart } from '../shown.js'
import { phaseState, planState, planStep, programState } from '../work-fixtures.js'

const shown = (members: Partial<DashboardState>) => shownPart(Plans, members)
const decision = { kind: 'plan-paused', at: '2026-11-21T11:30:00.000Z', by: 'monitor', step: 'validate', reason: 'why' }

describe('a plan', () => {
  test('says at which step it is, what it waits for since when, what comes then, and where it turns back to', () => {
    const { text, acts } = shown({ plans: [planState({ soakLeftMs: 3_600_000 })] })
    expect(text).toContain('the-week at work')
    expect(text).toContain('projects · step 2 of 3')
    expect(text).toContain(
      'Waits for a complete validation without a mismatch of projects, open: too-few-compared, and 1 more gate',
    )
    expect(text).toContain('since 11:40:00 UTC (20 min ago)')
    expect(text).toContain('12 h 0 min of soak time (1 h 0 min left)')
    expect(text).toContain('If a gate fails it turns back to dualwrite')
    expect(text).toContain('Then reads-10: move 10 % to live')
    expect(acts).toEqual(['pause-plan'])
  })

  test('tells each step as done, now or to come, in words', () => {
    const { html, text } = shown({ plans: [planState()] })
    expect([...html.matchAll(/<li class="(\w+)" title="([\w-]+)/g)].map(([, place, name]) => [name, place])).toEqual([
      ['pass', 'done'],
      ['validate', 'here'],
      ['reads-10', 'ahead'],
    ])
    expect(text).toContain('pass, done')
    expect(text).toContain('validate, now')
    expect(text).toContain('reads-10, to come')
    expect(html).toContain('aria-current="step"')
    expect(text).toContain('All 3 steps: 1 done')
  })

  test('that is paused or turned back says by whom and why, and can be resumed', () => {
    const paused = shown({ plans: [planState({ status: 'paused', history: [decision] })] })
    expect(paused.text).toContain('By monitor at 11:30:00 UTC: why')
    expect(paused.acts).toEqual(['resume-plan'])
    expect(paused.text).toContain('1 waiting for an operator')
    const turned = planState({
      status: 'turned-back',
      history: [
        { ...decision, kind: 'plan-turned-back', reason: 'mismatches' },
        { ...decision, kind: 'plan-rolled-back', reason: 'it is done' },
      ],
    })
    expect(shown({ plans: [turned] }).text).toContain('By monitor at 11:30:00 UTC: mismatches')
    expect(shown({ plans: [planState({ status: 'failed' })] }).acts).toEqual([])
  })

  test('that is a rehearsal says how fast time runs, and soaks as long as that takes', () => {
    const { text } = shown({ plans: [planState({ timeScale: 86_400 })] })
    expect(text).toContain('time runs 86,400 times as fast')
    expect(text).toContain('1 s of soak time')
    expect(shown({ plans: [planState()] }).text).not.toContain('rehearsal')
  })

  test('says where there is no way back', () => {
    const course = [planStep({ onFail: 'wait', back: null }), planStep({ back: null })]
    const { text } = shown({ plans: [planState({ course, steps: 2, stepNumber: 1 })] })
    expect(text).toContain('it stays and says so; no way back from here')
    expect(text).toContain('it stops: there is no way back from here')
  })

  test('that is through is a line', () => {
    const { text, acts } = shown({ plans: [planState({ status: 'finished', waiting: null, history: [decision] })] })
    expect(text).toContain('1 finished plan the-week: projects, 3 steps, 11:30:00 UTC (30 min ago)')
    expect(acts).toEqual([])
  })

  test('runs nothing of what others wrote', () => {
    const { html, text } = shown({
      plans: [planState({ status: 'paused', history: [{ ...decision, reason: HOSTILE, by: HOSTILE }] })],
      programs: [programState({ because: HOSTILE, status: 'failed', phases: [phaseState({ description: HOSTILE })] })],
    })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

describe('a program', () => {
  const phases = [
    phaseState({
      name: 'mail',
      status: 'waiting',
      dependsOn: ['search'],
      components: ['mail', 'post'],
      step: null,
      plan: null,
    }),
    phaseState({ name: 'billing', status: 'finished', waitsFor: [], next: 'nothing' }),
    phaseState({ onFail: 'turn-back-dependents', attempt: 2 }),
  ]

  test('shows its phases, what each waits for, and what comes next', () => {
    const { text, acts } = shown({ programs: [programState({ phases })] })
    expect(text).toContain('Program · 1 of 3 phases done, at most 2 at once')
    expect(text).toContain('mail not begun mail, post · after search')
    expect(text).toContain('billing finished')
    expect(text).toContain('search at work attempt 2')
    expect(text).toContain('Step 1 of 3: share-5')
    expect(text).toContain('Waits for 60 seconds of soak time.')
    expect(text).toContain('Next: the step share-25: rollout to 25 %.')
    expect(text).toContain('it turns back, with all that depend on it')
    expect(acts).toEqual(['pause-program'])
  })

  test('holds the plans of its phases, which are not shown beside it', () => {
    const plan = planState({ name: 'autumn--search--1', program: 'autumn' })
    const together = shown({ programs: [programState({ phases })], plans: [plan] })
    expect(together.html).toContain('aria-label="Steps of search"')
    expect(together.html).not.toContain('plan-autumn--search--1')
    expect(shown({ programs: [], plans: [plan] }).html).toContain('plan-autumn--search--1')
    expect(shown({ programs: null, plans: [plan] }).html).toContain('plan-autumn--search--1')
  })

  test('that was paused says why, what it waits for, and is resumed', () => {
    const waiting = {
      gate: 'operator',
      about: null,
      inWords: 'an operator',
      since: '2026-11-21T11:00:00.000Z',
      more: 2,
    }
    const { text, acts } = shown({ programs: [programState({ status: 'paused', because: 'lunch', waiting })] })
    expect(text).toContain('lunch')
    expect(text).toContain('Waits for an operator, and 2 more waiting phases')
    expect(acts).toEqual(['resume-program'])
  })
})

test('where there is neither it says so, and what cannot be told is not taken for none', () => {
  expect(shown({}).text).toContain('No plan carries anything on')
  const { text } = shown({ plans: null, programs: null, missing: [{ part: 'plans', code: 'unavailable' }] })
  expect(text).toContain('could not be read just now (unavailable)')
  expect(text).toContain('could not be read just now (not-asked)')
  expect(text).not.toContain('No plan carries')
})
