import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BATCH_MAX } from '../../lib/core/batch.js'
import {
  DUTY_MIN,
  FIRST_THROTTLE,
  nextThrottle,
  RECORDS_MIN,
  REST_MS_MAX,
  restAfter,
  type Sightings,
  SLOWDOWN_MAX,
  type Throttle,
  throttleNote,
} from '../../lib/core/throttle.js'

const ms = fc.option(fc.double({ min: 0, max: 60_000, noNaN: true }))
const sightings = fc.array(fc.record({ idleMs: ms, busyMs: ms }), { maxLength: 60 })

function seeing(seen: readonly Sightings[], from = FIRST_THROTTLE): Throttle {
  return seen.reduce(nextThrottle, from)
}

function times(count: number, seen: Sightings): Sightings[] {
  return Array.from({ length: count }, () => seen)
}

describe('a throttle', () => {
  it('stays within its bounds, whatever is seen', () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const { duty, recordsMax } = seeing(seen)
        expect(duty).toBeGreaterThanOrEqual(DUTY_MIN)
        expect(duty).toBeLessThanOrEqual(1)
        expect(recordsMax).toBeGreaterThanOrEqual(RECORDS_MIN)
        expect(recordsMax).toBeLessThanOrEqual(BATCH_MAX)
      }),
    )
  })

  it('falls by half at most, and rises by a step at most', () => {
    fc.assert(
      fc.property(sightings, fc.record({ idleMs: ms, busyMs: ms }), (seen, last) => {
        const before = seeing(seen)
        const { duty } = nextThrottle(before, last)
        expect(duty).toBeGreaterThanOrEqual(before.duty / 2 - 1e-9)
        expect(duty).toBeLessThanOrEqual(before.duty + 0.01 + 1e-9)
      }),
    )
  })

  it('works no more when an answer during a batch takes longer', () => {
    const one = fc.double({ min: 0.1, max: 1_000, noNaN: true })
    fc.assert(
      fc.property(sightings, one, one, (seen, busyMs, more) => {
        const before = seeing(seen)
        const less = nextThrottle(before, { idleMs: null, busyMs })
        const longer = nextThrottle(before, { idleMs: null, busyMs: busyMs + more })
        expect(longer.duty).toBeLessThanOrEqual(less.duty)
        expect(longer.recordsMax).toBeLessThanOrEqual(less.recordsMax)
      }),
    )
  })

  it('settles where the application is slowed down by what is allowed, on average', () => {
    const answers = fc.double({ min: 0.2, max: 20, noNaN: true })
    const factors = fc.double({ min: 1.05, max: 2.4, noNaN: true })
    fc.assert(
      fc.property(answers, factors, (idleMs, factor) => {
        const { duty } = seeing(times(300, { idleMs, busyMs: idleMs * factor }))
        const slowdown = duty * (factor - 1)
        expect(slowdown).toBeLessThanOrEqual(SLOWDOWN_MAX * 1.01)
        if (duty < 1) expect(slowdown).toBeGreaterThan(SLOWDOWN_MAX * 0.9)
      }),
    )
  })

  it('lets go when a batch is not felt any more, and takes as much as there is', () => {
    const pressed = seeing(times(50, { idleMs: 1, busyMs: 40 }))
    expect(pressed).toMatchObject({ duty: DUTY_MIN, recordsMax: RECORDS_MIN })
    expect(seeing(times(200, { idleMs: 1, busyMs: 1 }), pressed)).toMatchObject({ duty: 1, recordsMax: BATCH_MAX })
  })

  it('takes a target that is slower for good as the usual, after a while', () => {
    const before = seeing(times(50, { idleMs: 1, busyMs: 1 }))
    const { duty } = seeing(times(400, { idleMs: 8, busyMs: 8 }), before)
    expect(duty).toBeGreaterThan(0.9)
  })

  it('changes nothing in its share while nothing is seen during a batch', () => {
    const before = seeing(times(10, { idleMs: 1, busyMs: 3 }))
    expect(seeing(times(20, { idleMs: null, busyMs: null }), before)).toEqual(before)
    expect(nextThrottle(before, { idleMs: 2, busyMs: null }).duty).toBe(before.duty)
  })
})

describe('a rest', () => {
  it('makes the share of work what was decided, and ends', () => {
    const duties = fc.double({ min: DUTY_MIN, max: 1, noNaN: true })
    fc.assert(
      fc.property(duties, fc.double({ min: 0, max: 60_000, noNaN: true }), (duty, workedMs) => {
        const restMs = restAfter({ ...FIRST_THROTTLE, duty }, workedMs)
        expect(restMs).toBeGreaterThanOrEqual(0)
        expect(restMs).toBeLessThanOrEqual(REST_MS_MAX)
        if (restMs < REST_MS_MAX) expect(workedMs).toBeCloseTo(duty * (workedMs + restMs), 3)
      }),
    )
  })

  it('is explained with what was seen, while there is one', () => {
    const slowed = { duty: 0.123, recordsMax: 50, idleMs: 1.26, busyMs: 14.2, restedMs: 0 }
    expect(throttleNote(slowed)).toBe(
      'Slowed down to 12 % of the time, for the application is in use: the target answers in 14 ms during a batch, in 1.3 ms otherwise.',
    )
    expect(throttleNote({ ...slowed, idleMs: null })).toBe(
      'Slowed down to 12 % of the time, for the application is in use.',
    )
    expect(throttleNote({ ...slowed, duty: 1 })).toBeNull()
  })
})
