import { describe, expect, it } from 'vitest'
import type { Standing } from '../../../lib/core/monitor/standing.js'
import { weigh } from '../../../lib/core/monitor/weigh.js'
import { NOW, rule, steady, type Traffic } from './values.js'

const GOOD: Traffic = { count: 500 }
const BAD: Traffic = { count: 500, errors: 100 }
const CLEAR = { status: 'clear', alerted: false, evidenceFrom: 0 } as const
const BREACHED = { status: 'breached', alerted: true, evidenceFrom: 0 } as const

type From = Pick<Standing, 'status' | 'alerted' | 'evidenceFrom'>

function came(of: Partial<Parameters<typeof rule>[0]>, from: From | null, ...buckets: ReturnType<typeof steady>) {
  const { outcome, because, status } = weigh(rule(of), from, buckets, NOW)
  return [outcome, because, status]
}

it('a breach needs every window that is asked for to breach', () => {
  const short = [...steady(180, 60, GOOD), ...steady(60, 0, BAD)]
  const long = steady(180, 0, BAD)
  expect(came({}, CLEAR, ...short)).toEqual(['breach', 'beyond-threshold', 'breached'])
  expect(came({ breachWindows: 3 }, CLEAR, ...short)).toEqual(['not-enough-evidence', 'not-for-long-enough', 'clear'])
  expect(came({ breachWindows: 3 }, CLEAR, ...long)).toEqual(['breach', 'beyond-threshold', 'breached'])
})

it('a window without data does not count towards a breach', () => {
  const gap = [...steady(180, 120, BAD), ...steady(60, 0, BAD)]
  expect(came({ breachWindows: 3 }, CLEAR, ...gap)[1]).toBe('not-for-long-enough')
})

describe('a breach is over', () => {
  it('when as many windows as are asked for have passed, and not before', () => {
    const once = [...steady(180, 60, BAD), ...steady(60, 0, GOOD)]
    const twice = [...steady(180, 120, BAD), ...steady(120, 0, GOOD)]
    expect(came({}, BREACHED, ...once)).toEqual(['pass', 'within-threshold', 'breached'])
    expect(came({}, BREACHED, ...twice)).toEqual(['pass', 'cleared', 'clear'])
    expect(came({ clearWindows: 1 }, BREACHED, ...once)).toEqual(['pass', 'cleared', 'clear'])
  })

  it('only below the threshold for that', () => {
    const half: Traffic = { count: 5_000, errors: 25 }
    const of = { clearThreshold: 0.001 }
    expect(came(of, CLEAR, ...steady(120, 0, half))).toEqual(['pass', 'within-threshold', 'clear'])
    expect(came(of, BREACHED, ...steady(120, 0, half))).toEqual(['pass', 'within-threshold', 'breached'])
    expect(came(of, BREACHED, ...steady(120, 0, { count: 5_000 }))).toEqual(['pass', 'cleared', 'clear'])
  })

  it('never for want of data', () => {
    expect(came({}, BREACHED)).toEqual(['not-enough-evidence', 'nothing-measured', 'breached'])
    expect(came({}, BREACHED, ...steady(60, 0, GOOD))).toEqual(['pass', 'within-threshold', 'breached'])
  })

  it('also where what it led to is done, for the alert that is left', () => {
    const acted = { ...BREACHED, status: 'clear' } as const
    expect(came({}, acted, ...steady(120, 0, GOOD))).toEqual(['pass', 'cleared', 'clear'])
    expect(came({}, acted, ...steady(60, 0, BAD))).toEqual(['breach', 'beyond-threshold', 'breached'])
  })
})

it('nothing from before an action is evidence', () => {
  const acted = { status: 'clear', alerted: true, evidenceFrom: NOW - 20_000 } as const
  const bad = [...steady(120, 20, BAD), ...steady(20, 0, GOOD)]
  expect(came({}, acted, ...bad)).toEqual(['pass', 'within-threshold', 'clear'])
  expect(came({}, acted, ...steady(120, 20, BAD))).toEqual(['not-enough-evidence', 'nothing-measured', 'clear'])
})

it.each(['not-at-this-stage', 'stage-unknown'] as const)('%s: nothing is weighed', (place) => {
  const { outcome, because, windows } = weigh(rule(), BREACHED, steady(60, 0, BAD), NOW, place)
  expect([outcome, because, windows]).toEqual(['not-enough-evidence', place, []])
})

it('weighed by two at once, it comes to the same', () => {
  const buckets = steady(180, 0, BAD)
  expect(weigh(rule(), CLEAR, buckets, NOW)).toEqual(weigh(rule(), CLEAR, buckets, NOW))
})
