import { describe, expect, test } from 'vitest'
import type { Outcome } from './measure-row.js'
import { inTurn, median, percentile, ratioOf } from './parts/sample.js'
import { sectionOf, summaryOf } from './report.js'
import { type Figure, isBroken, isMet } from './row.js'

const figure = (over: Partial<Figure>): Figure => ({
  what: 'read, live',
  figure: '10 ns',
  against: '100 ns',
  ratio: 0.1,
  met: true,
  counted: false,
  ...over,
})

const outcome = (figures: Figure[]): Outcome => ({
  kind: 'measured',
  row: { number: 1, work: 'overhead', against: 'bare calls', goal: 'a fifth' },
  measured: { configuration: ['one store'], figures, notes: ['why'] },
  seconds: 1,
})

describe('what the bench says of a row', () => {
  test('a goal of time that is missed is shown; only a counted one breaks the run', () => {
    const slow = { configuration: [], notes: [], figures: [figure({ met: false })] }
    const wrong = { configuration: [], notes: [], figures: [figure({ met: false, counted: true })] }
    expect([isMet(slow), isBroken(slow), isMet(wrong), isBroken(wrong)]).toEqual([false, false, false, true])
  })

  test('every figure has its comparison, its ratio and whether the goal is met', () => {
    const text = sectionOf(outcome([figure({}), figure({ what: 'for show', met: null, against: null, ratio: null })]))
    expect(text).toContain('| read, live | 10 ns | 100 ns | 0.100 | met |')
    expect(text).toContain('| for show | 10 ns |  |  |  |')
    expect(text.indexOf('one store'), 'the configuration comes first').toBeLessThan(text.indexOf('| read'))
  })

  test('the table at the top has the range of the ratios that count, and says what was not measured', () => {
    const two = summaryOf([outcome([figure({}), figure({ ratio: 0.3, met: false })])])
    expect(two).toContain('| 0.100 to 0.300 | missed by 1 of 2 figures |')
    expect(summaryOf([{ kind: 'failed', number: 5, error: 'broke' }])).toContain('| 5 | not measured |')
  })
})

describe('how it samples', () => {
  test('a percentile is the nearest rank, and asks for no order', () => {
    const samples = [5, 1, 4, 2, 3]
    expect([percentile(samples, 0), median(samples), percentile(samples, 1)]).toEqual([1, 3, 5])
  })

  test('contenders take turns, and the first round does not count', async () => {
    const calls: string[] = []
    const figures = await inTurn(
      { ours: async () => calls.push('ours'), theirs: async () => calls.push('theirs') * 2 },
      2,
    )
    expect(calls).toEqual(['ours', 'theirs', 'ours', 'theirs', 'ours', 'theirs'])
    expect(figures).toEqual({ ours: [3, 5], theirs: [8, 12] })
    expect(ratioOf(figures.ours, figures.theirs)).toBe(3 / 8)
  })
})
