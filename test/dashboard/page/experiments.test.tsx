import { describe, expect, test } from 'vitest'
import { shownValue } from '../../../lib/dashboard/page/experiment-words.js'
import { Experiments } from '../../../lib/dashboard/page/experiments.js'
import { analysis, comparison, experimentState, recommendation } from '../experiment-fixtures.js'
import { HOSTILE, shownPart } from '../shown.js'

const shown = (members: Parameters<typeof experimentState>[0]) =>
  shownPart(Experiments, { experiments: [experimentState(members)] })
const compared = (members: Parameters<typeof comparison>[0]) =>
  shown({ found: { recommendations: [], analysis: analysis({ comparisons: [comparison(members)] }) } })

describe('an experiment', () => {
  test('says what is tried against what, what is recommended, why, and what is missing', () => {
    const { text } = shown({})
    expect(text).toContain('search running fast against plain, on projects · begun 10:00:00 UTC (2 h ago)')
    expect(text).toContain('not enough evidence fast: it is not shown that a goal differs (found).')
    expect(text).toContain('That found differs is not shown yet.')
  })

  test('tells a reason that it does not know by its literal', () => {
    const found = { recommendations: [recommendation({ because: 'something-new' })], analysis: null }
    expect(shown({ found }).text).toContain('fast: something-new (found).')
  })

  test('that has not begun, or was not analysed, claims nothing', () => {
    const draft = shown({ status: 'draft', startedAt: null, found: { recommendations: [], analysis: null } })
    expect(draft.text).toContain('nobody is counted yet')
    const fresh = shown({ found: { recommendations: [], analysis: null } })
    expect(fresh.text).toContain('Not enough evidence: nothing was analysed yet.')
    expect(fresh.html).not.toContain('good')
  })

  test('that was stopped says by whom, why, and what was concluded', () => {
    const conclusion = {
      by: 'ada',
      reason: 'fast it is',
      recommendations: [recommendation({ recommendation: 'promote' })],
    }
    const { found, ...rest } = experimentState({ status: 'stopped', stoppedAt: '2026-11-21T11:00:00.000Z', conclusion })
    const { text } = shownPart(Experiments, { experiments: [rest] })
    expect(text).toContain('Stopped by ada: fast it is')
    expect(text).toContain('promote fast')
  })

  test('runs nothing of what others wrote', () => {
    const found = { recommendations: [recommendation({ because: HOSTILE, missing: [HOSTILE] })], analysis: null }
    const { html, text } = shown({ description: HOSTILE, component: HOSTILE, found })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

describe('a metric', () => {
  test('shows both arms, the difference, and the interval in words', () => {
    const { text } = shown({})
    expect(text).toContain('latency within its margin guardrail, lower is better')
    expect(text).toContain('plain 80 of 150 fast 81 of 180 difference +1 (1.3 % more)')
    expect(text).toContain(
      '95 % interval, at every look: −4.51 to +6.65, which contains 0. Accepted: up to +16, and all of it is.',
    )
  })

  test('draws the interval between its ends, with nought and the margin in place', () => {
    const { html } = compared({ interval: { low: -10, high: 10, level: 0.95, holds: 'once' }, difference: 0 })
    const x = (name: string) => [
      ...html.matchAll(new RegExp(`<line class="${name}" x1="([\\d.]+)%" x2="([\\d.]+)%"`, 'g')),
    ]
    const [low = 0, high = 0] = x('span')[0]?.slice(1).map(Number) ?? []
    const nought = Number(x('nought')[0]?.[1])
    const margin = Number(x('margin')[0]?.[1])
    expect(nought).toBeCloseTo((low + high) / 2, 1)
    // The margin is 16, the interval 20 wide.
    expect((margin - nought) / (high - low)).toBeCloseTo(16 / 20, 2)
    expect(html).toMatch(/<svg class="interval"[^>]*aria-hidden="true"/)
    expect(Number(/class="beyond" x="([\d.]+)%"/.exec(html)?.[1])).toBe(margin)
  })

  test('that should be higher accepts no less than its margin below', () => {
    const { text, html } = compared({ better: 'higher', interval: { low: -30, high: -20, level: 0.9, holds: 'once' } })
    expect(text).toContain(
      '90 % interval, for one look: −30 to −20, all of it below 0. Accepted: down to −16, and none of it is.',
    )
    expect(html).toContain('class="beyond" x="0%"')
    const part = compared({ better: 'higher', interval: { low: -30, high: 20, level: 0.9, holds: 'once' } })
    expect(part.text).toContain('and only part of it is')
  })

  test('without an interval says that there is not enough evidence, and draws none', () => {
    const { text, html } = compared({ interval: null, difference: null, relative: null, finding: 'not-shown' })
    expect(text).toContain('No interval yet: not enough evidence.')
    expect(text).toContain('difference –')
    expect(html).not.toContain('class="interval"')
  })

  test('is told in its own unit', () => {
    expect(shownValue('conversion', 0.48666)).toBe('48.7 %')
    expect(shownValue('conversion', -0.166, true)).toBe('−16.6 points')
    expect(shownValue('compared', 3.2, true)).toBe('+3.2 ms')
    expect(shownValue('value', 1_234.5)).toBe('1,230')
    expect(shownValue('value', null)).toBe('–')
    const happened = { subjects: 150, measured: 73, mean: 0.487, deviation: 0.5 }
    expect(compared({ kind: 'conversion', control: happened }).text).toContain('plain 48.7 % of 150')
  })
})

describe('the sample ratio', () => {
  test('is told by cohort', () => {
    expect(shown({}).text).toContain('Sample ratio as dealt. plain 150 (50 % dealt), fast 180 (50 % dealt).')
  })

  test('that is off says that nothing can be concluded', () => {
    const [check] = analysis().sampleRatio
    if (check === undefined) throw new Error('There is a check.')
    const found = { recommendations: [], analysis: analysis({ sampleRatio: [{ ...check, mismatch: true }] }) }
    expect(shown({ found }).text).toContain('Sample-ratio mismatch: nothing can be concluded')
  })

  test('of nobody is not good news', () => {
    const { text } = shown({ found: { recommendations: [], analysis: analysis({ subjects: 0, comparisons: [] }) } })
    expect(text).toContain('not enough evidence, nobody is counted yet')
  })
})

test('where there is none it says so, and where it cannot be told, that', () => {
  expect(shownPart(Experiments, {}).text).toContain('There is no experiment.')
  const { text } = shownPart(Experiments, { experiments: null, missing: [{ part: 'experiments', code: 'timed-out' }] })
  expect(text).toContain('could not be read just now (timed-out)')
})
