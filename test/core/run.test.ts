import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { addCounters, commandsPaceOf, isEnded, paceOf, progressOf, type Run } from '../../lib/core/run.js'

function run(change: Partial<Run> = {}): Run {
  return {
    id: 'r',
    kind: 'backfill',
    collection: 'projects',
    status: 'running',
    by: 'ann',
    reason: 'because',
    note: null,
    createdAt: 0,
    endedAt: null,
    step: 1,
    lease: null,
    outbox: null,
    input: {},
    cursor: null,
    counters: {},
    done: 0,
    total: null,
    workedMs: 0,
    batchSize: 20,
    restUntil: null,
    result: null,
    ...change,
  }
}

describe('progress', () => {
  it('tells rate and time left once something is done', () => {
    expect(progressOf(run({ done: 100, total: 400, workedMs: 2_000 }))).toEqual({
      done: 100,
      total: 400,
      perSecond: 50,
      secondsLeft: 6,
    })
  })

  it('does not guess before that, nor where the total is not known', () => {
    expect(progressOf(run({ total: 400 }))).toMatchObject({ perSecond: null, secondsLeft: null })
    expect(progressOf(run({ done: 5, workedMs: 100 }))).toMatchObject({ perSecond: 50, secondsLeft: null })
  })

  it('goes by the pace where that is slower than the work', () => {
    const paced = run({ done: 100, total: 400, workedMs: 2_000, input: { recordsPerSecondMax: 10 } })
    expect(progressOf(paced)).toMatchObject({ perSecond: 10, secondsLeft: 30 })
    expect(progressOf({ ...paced, input: { recordsPerSecondMax: 1_000 } })).toMatchObject({ perSecond: 50 })
  })

  it('counts the rests for the sake of the application', () => {
    const throttle = { duty: 0.1, recordsMax: 50, idleMs: 1, busyMs: 2, restedMs: 18_000 }
    const slowed = run({ done: 100, total: 400, workedMs: 2_000, throttle })
    expect(progressOf(slowed)).toMatchObject({ perSecond: 5, secondsLeft: 60 })
    expect(progressOf({ ...slowed, input: { recordsPerSecondMax: 1 } })).toMatchObject({ perSecond: 1 })
  })

  it('never has time left after the end, or less than none', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), fc.nat(100_000), (done, total, workedMs) => {
        const { secondsLeft } = progressOf(run({ done, total, workedMs }))
        expect(secondsLeft ?? 0).toBeGreaterThanOrEqual(0)
        for (const status of ['succeeded', 'failed', 'cancelled'] as const)
          expect(progressOf(run({ done, total, workedMs, status })).secondsLeft).toBe(0)
      }),
    )
  })
})

test('a pace is a number above 0', () => {
  for (const limit of [0, -1, '10', null]) expect(paceOf(run({ input: { recordsPerSecondMax: limit } }))).toBeNull()
  expect(paceOf(run())).toBeNull()
  expect(paceOf(run({ input: { recordsPerSecondMax: 0.5 } }))).toBe(0.5)
})

test('a limit of commands is a number above 0', () => {
  for (const limit of [0, -1, '10', null])
    expect(commandsPaceOf(run({ input: { commandsPerSecondMax: limit } }))).toBeNull()
  expect(commandsPaceOf(run())).toBeNull()
  expect(commandsPaceOf(run({ input: { commandsPerSecondMax: 0.5 } }))).toBe(0.5)
})

test('counters add up, whatever the order', () => {
  const names = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(100), { noNullPrototype: true })
  fc.assert(
    fc.property(names, names, (a, b) => {
      expect(addCounters(a, b)).toEqual(addCounters(b, a))
      expect(addCounters(addCounters({}, a), {})).toEqual(a)
    }),
  )
})

test('three statuses are ends', () => {
  const all = ['running', 'paused', 'succeeded', 'failed', 'cancelled'] as const
  expect(all.filter(isEnded)).toEqual(['succeeded', 'failed', 'cancelled'])
})
