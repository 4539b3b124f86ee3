import { describe, expect, it } from 'vitest'
import { begin, fail, pause } from '../../../lib/core/plan/operate.js'
import { type PlanState, stepOf } from '../../../lib/core/plan/state.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'
import { waitsOfPlan } from '../../../lib/core/plan/waits.js'
import { weighStep } from '../../../lib/core/plan/weigh.js'
import { good, nothing } from './evidence.js'

const BOB = { by: 'bob', reason: 'why' }
const plan = theWeek(['projects', 'resources'])
const started = begin(plan, BOB, 1000).state
const LATER = 2_000_000_000

/** The week at a step whose action was done at 2,000. */
function at(step: string): PlanState {
  const stepIndex = plan.steps.findIndex(({ name }) => name === step)
  const done = { kind: 'done', at: 2000, how: 'moved' } as const
  return { ...started, stepIndex, stepStartedAt: 1500, progress: { projects: done, resources: done } }
}

function weighed(state: PlanState, parts: Parameters<typeof good>[1], now: number): PlanState {
  const evidence = { projects: good(now, parts), resources: good(now) }
  return weighStep(state, { runs: {}, evidence }, now, false).state
}

describe('what a plan waits for', () => {
  it('is the next look, before anything was weighed', () => {
    expect(waitsOfPlan({ ...at('reads-10'), stepStartedAt: 1500 }, LATER)).toMatchObject({
      gate: 'first-look',
      since: 1500,
    })
    expect(waitsOfPlan(at('reads-10'), 3000)).toMatchObject({ gate: 'soak', inWords: '8 h of soak time', since: 1500 })
  })

  it('is a gate that fails before one that lacks evidence, with what was found and since when', () => {
    const open = weighed(at('reads-10'), { comparisons: null, openAlerts: 3 }, LATER)
    const waits = waitsOfPlan(open, LATER + 5000)
    expect(waits).toMatchObject({ gate: 'no-alerts', about: 'projects', since: LATER, more: 1 })
    expect(waits?.inWords).toBe('no open alerts of projects, failing: alerts-open (count 3)')
  })

  it('names the soak time beside a gate that is open', () => {
    const waits = waitsOfPlan(weighed(at('reads-10'), { comparisons: null }, 3000), 3000)
    expect(waits?.inWords).toBe(
      'enough compared reads with few mismatches of projects, open: not-measured; and 8 h of soak time',
    )
    expect(waits?.more).toBe(0)
  })

  it('is somebody, where only somebody can go on', () => {
    const paused = pause(at('reads-10'), BOB, 7000).state
    expect(waitsOfPlan(paused, 9000)).toMatchObject({ gate: 'operator', since: 7000, about: null })
    expect(waitsOfPlan(fail(at('reads-10'), BOB, 8000).state, 9000)).toMatchObject({ gate: 'operator', since: 8000 })
    const back: PlanState = { ...at('reads-10'), status: 'turned-back', rollingBack: ['projects'] }
    expect(waitsOfPlan(back, 9000)).toMatchObject({ gate: 'roll-back', about: 'projects' })
    expect(waitsOfPlan({ ...back, rollingBack: [] }, 9000)).toMatchObject({ gate: 'operator' })
  })

  it('is what its action could not be carried out for', () => {
    const blocked: PlanState = { ...at('reads-10'), blocked: { resources: 'target-not-full', projects: 'stopped' } }
    expect(waitsOfPlan(blocked, 9000)).toMatchObject({ gate: 'blocked', about: 'resources', more: 1 })
    expect(waitsOfPlan(blocked, 9000)?.inWords).toContain('target-not-full')
  })

  it('is nothing while it acts, and when it is finished', () => {
    const claim = { id: 'c', collection: 'projects', kind: 'act' as const, until: 9000 }
    expect(waitsOfPlan({ ...at('reads-10'), claim }, 8000)).toBeNull()
    expect(waitsOfPlan({ ...at('reads-10'), claim }, 9000)).not.toBeNull()
    expect(waitsOfPlan({ ...at('reads-10'), status: 'finished' }, 8000)).toBeNull()
  })

  it('has words for every condition of the default plan', () => {
    for (const { name } of plan.steps) {
      const state = at(name)
      const evidence = { projects: nothing(LATER), resources: nothing(LATER) }
      const after = weighStep(state, { runs: {}, evidence }, LATER, false).state
      if (after.status !== 'running' || stepOf(after).name !== name) continue
      expect(waitsOfPlan(after, LATER)?.inWords, name).toMatch(/^[a-z].{5,}/)
    }
  })
})
