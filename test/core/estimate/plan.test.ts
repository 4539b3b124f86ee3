import { describe, expect, it } from 'vitest'
import { byHand } from '../../../lib/core/estimate/course.js'
import { noWayBackOfSteps, refusedByTarget } from '../../../lib/core/estimate/no-way-back.js'
import { estimatePlan, onceUsage } from '../../../lib/core/estimate/plan.js'
import type { PlanSetting } from '../../../lib/core/estimate/setting.js'
import { storageOf } from '../../../lib/core/estimate/sizes.js'
import { commandsOf, sum, type Usage } from '../../../lib/core/estimate/usage.js'
import { checkPlan } from '../../../lib/core/plan/check.js'
import { theWeek } from '../../../lib/core/plan/the-week.js'

const QUIET = { readsPerDay: 0, writesPerDay: 0, compareShare: 0.01 }

function setting(records: number, more: Partial<PlanSetting> = {}, traffic = QUIET): PlanSetting {
  const copies = [Math.ceil(records / 2), Math.floor(records / 2)]
  const [idBytes, valueBytes] = [10 * records, 300 * records]
  const sizes = { collection: 'projects', copies, records, idBytes, valueBytes, wireBytes: 330 * records }
  return {
    steps: theWeek(['projects']).steps,
    timeScale: 1,
    driver: 'autopilot',
    tickSeconds: 60,
    quietMs: 900_000,
    throttle: true,
    collections: [{ sizes, recordsPerSecond: 2_000, traffic }],
    bystanders: [],
    ...more,
  }
}

function total(of: PlanSetting): Usage {
  const steps = estimatePlan(of).map(({ actions, autopilot, watch, traffic }) =>
    sum(...actions.map(({ usage }) => usage), autopilot, watch, traffic),
  )
  return sum(onceUsage(of), ...steps)
}

function seconds(of: PlanSetting): number {
  return estimatePlan(of).reduce((all, step) => all + step.seconds, 0)
}

describe('the default plan', () => {
  it('takes its week, and what a cron of a minute adds at each step', () => {
    const days = seconds(setting(1_000)) / 86_400
    expect(days).toBeGreaterThan(6)
    expect(days).toBeLessThan(6.1)
  })

  it('is as long as its runs where they are longer than the soak times', () => {
    const slow = setting(1e6)
    const collections = slow.collections.map((collection) => ({ ...collection, recordsPerSecond: 1 }))
    expect(seconds({ ...slow, collections }) / 86_400).toBeGreaterThan(20)
  })

  it('costs the less to be looked after the seldomer the cron calls', () => {
    const [often, seldom] = [setting(1_000), setting(1_000, { tickSeconds: 600 })]
    expect(commandsOf(total(often)) / commandsOf(total(seldom))).toBeGreaterThan(8)
  })

  it('goes faster when time does', () => {
    expect(seconds(setting(1_000, { timeScale: 86_400, tickSeconds: 1 }))).toBeLessThan(1_000)
  })

  it('has every step, in order, each with its actions', () => {
    const steps = estimatePlan(setting(100))
    expect(steps.map(({ step }) => step)).toEqual(theWeek(['projects']).steps.map(({ name }) => name))
    expect(steps.flatMap(({ actions }) => actions).every(({ collection }) => collection === 'projects')).toBe(true)
  })
})

describe('an estimate', () => {
  it('is never less for more records, by hand and by the autopilot, with clients and without', () => {
    for (const traffic of [QUIET, { ...QUIET, readsPerDay: 1e5, writesPerDay: 1e4 }]) {
      for (const more of [{}, { driver: 'operator' as const, steps: byHand() }]) {
        let before = total(setting(0, more, traffic))
        for (let records = 1; records < 1e6; records *= 3) {
          const now = total(setting(records, more, traffic))
          for (const member of Object.keys(now) as (keyof Usage)[])
            expect(now[member], `${member}, ${records} records`).toBeGreaterThanOrEqual(before[member])
          before = now
        }
      }
    }
  })

  it('grows with the traffic, which is nothing by itself', () => {
    const quiet = estimatePlan(setting(100))
    expect(sum(...quiet.map(({ traffic }) => traffic))).toMatchObject({ reads: 0, writes: 0 })
    const busy = total(setting(100, {}, { ...QUIET, readsPerDay: 50_000, writesPerDay: 5_000 }))
    expect(commandsOf(busy)).toBeGreaterThan(commandsOf(total(setting(100))) + 100_000)
  })

  it('of a migration by hand has nothing that only time costs', () => {
    const steps = estimatePlan(setting(100, { driver: 'operator', steps: byHand() }))
    expect(sum(...steps.flatMap(({ autopilot, watch, traffic }) => [autopilot, watch, traffic]))).toMatchObject({
      reads: 0,
      writes: 0,
    })
  })
})

describe('the way by hand', () => {
  it('is as legal as a plan', () => {
    const steps = byHand().map((step) => ({ ...step, day: 1, gate: gateOf(step.name) }))
    expect(() => checkPlan({ name: 'by-hand', collections: ['projects'], steps, timeScale: 1 })).not.toThrow()
  })

  function gateOf(name: string) {
    if (name === 'pass') return [{ kind: 'pass-complete' as const }]
    return name === 'zero-loss' ? [{ kind: 'zero-loss' as const }] : []
  }
})

describe('what could not be rolled back', () => {
  it('is the clean-up for good, and what the target acknowledged alone not at once', () => {
    const found = noWayBackOfSteps(theWeek(['projects']).steps)
    expect(found.map(({ kind, what }) => `${kind}: ${what}`)).toEqual([
      'not-at-once: step writes-target',
      'not-at-once: step cutover',
      'never: step clean-up',
    ])
    for (const { reason } of found) expect(reason).toMatch(/\.$/)
  })

  it('is what the target would refuse, too', () => {
    expect(refusedByTarget('projects', 10, 1_000_000)).toBeNull()
    expect(refusedByTarget('projects', 10, 10 * 1024 * 1024)).toMatch(/bytes at most/)
    expect(refusedByTarget('projects', 40_000, 10)).toMatch(/key/)
  })
})

it('the database is back to the application’s own data after the clean-up', () => {
  const [planned] = setting(1_000).collections
  if (planned === undefined) throw new Error('there is a collection')
  const storage = storageOf(planned.sizes, 1_000)
  expect(storage.application).toBe(300_000 + 2 * 10_000 + 1_000 * 9)
  expect(storage.versions).toBeGreaterThan(0)
  expect(storage.operations).toBe(14 * 95)
})
