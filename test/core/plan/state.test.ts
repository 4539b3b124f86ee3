import { describe, expect, it } from 'vitest'
import { begin, overrule, pause } from '../../../lib/core/plan/operate.js'
import { recordOutcome } from '../../../lib/core/plan/outcome.js'
import type { MigrationPlan } from '../../../lib/core/plan/plan.js'
import { type Claim, countsFrom, type PlanState, stepOf } from '../../../lib/core/plan/state.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { stepAfterTurningBack } from '../../../lib/core/plan/walk.js'
import { soakLeftMs, weighStep } from '../../../lib/core/plan/weigh.js'
import { good } from './evidence.js'

const BOB = { by: 'bob', reason: 'why' }
const plan = theWeek(['projects', 'resources'])
const started = begin(plan, BOB, 1000).state

/** The week at a step, with its action done at the given times. */
function at(step: string, doneAt: { [collection: string]: number } = {}): PlanState {
  const stepIndex = plan.steps.findIndex(({ name }) => name === step)
  const progress = Object.entries(doneAt).map(
    ([name, time]) => [name, { kind: 'done', at: time, how: 'moved' }] as const,
  )
  return { ...started, stepIndex, progress: Object.fromEntries(progress) }
}

describe('evidence and soak count', () => {
  it('from the last move to take effect', () => {
    expect(countsFrom(at('reads-10', { projects: 5000, resources: 9000 }))).toBe(9000)
    expect(soakLeftMs(at('reads-10', { projects: 5000, resources: 9000 }), 10_000)).toBe(8 * 3_600_000 - 1000)
  })

  it('not at all before every collection has moved', () => {
    expect(soakLeftMs(at('reads-10', { projects: 5000 }), 9e9)).toBe(8 * 3_600_000)
    const found = { runs: {}, evidence: { projects: good(9e9), resources: good(9e9, { openAlerts: 3 }) } }
    const weighed = weighStep(at('reads-10', { projects: 5000 }), found, 9e9, true)
    expect(weighed.kind).toBe('waits')
    expect(weighed.state.verdicts.filter(({ collection }) => collection === 'resources')).toEqual([
      expect.objectContaining({ because: 'action-under-way' }),
    ])
  })

  it('from the beginning of a step that moves nothing', () => {
    expect(countsFrom(at('validate', { projects: 5000 }))).toBe(1000)
  })
})

describe('a result', () => {
  const claim: Claim = { id: 'mine', collection: 'projects', kind: 'act', until: 2000 }

  it('is recorded under its claim, which it gives back', () => {
    const turn = recordOutcome({ ...at('reads-10'), claim }, claim, { kind: 'done', how: 'moved' }, 1500)
    expect(turn?.state).toMatchObject({ claim: null, progress: { projects: { kind: 'done', at: 1500 } } })
    expect(turn?.decision).toMatchObject({ kind: 'plan-acted', reason: 'move to live 10 % of projects: moved' })
  })

  it('is dropped without it', () => {
    for (const held of [null, { ...claim, id: 'another' }])
      expect(recordOutcome({ ...at('reads-10'), claim: held }, claim, { kind: 'done', how: 'moved' }, 1500)).toBeNull()
  })
})

describe('a plan', () => {
  it('keeps its latest decisions, and each with the place before and after', () => {
    let state: PlanState = started
    for (let count = 0; count < 60; count++)
      state = overrule(state, 'repeat', { by: 'bob', reason: `${count}` }, count).state
    expect(state.history).toHaveLength(50)
    expect(state.history.at(-1)).toMatchObject({
      kind: 'plan-overruled',
      reason: 'repeat: 59',
      before: { status: 'running', step: 'infrastructure' },
    })
    expect(state.entry).toBe(started.entry + 60)
  })

  it('says in words why it cannot be steered', () => {
    const finished: PlanState = { ...started, status: 'finished' }
    expect(() => pause(finished, BOB, 0)).toThrow('The plan the-week is finished and cannot be paused.')
  })

  it('that turns back from a step outside it, or that cannot be walked, stays where it is', () => {
    expect(stepAfterTurningBack(plan, 99)).toBe(99)
    const odd: MigrationPlan = { ...plan, steps: plan.steps.slice(4) }
    expect(stepAfterTurningBack(odd, 5)).toBe(5)
    expect(() => stepOf({ ...started, stepIndex: 99 })).toThrow('has no step 99')
  })
})
