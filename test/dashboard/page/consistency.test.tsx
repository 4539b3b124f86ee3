import { describe, expect, test } from 'vitest'
import { Consistency } from '../../../lib/dashboard/page/consistency.js'
import type { DashboardState, Part } from '../../../lib/dashboard/state.js'
import { collectionState } from '../fixtures.js'
import { HOSTILE, shownPart } from '../shown.js'
import { consistent, validated } from '../work-fixtures.js'

type Consistent = Part<'consistency'>[number]

const shown = (one: Partial<Consistent>, more: Partial<DashboardState> = {}) =>
  shownPart(Consistency, { consistency: [consistent(one)], ...more })

const pill = (one: Partial<Consistent>): string =>
  /class="pill (\w+)"[\s\S]*?<\/svg>([^<]*)/.exec(shown(one).html)?.slice(1).join(' ') ?? ''

describe('what a validation allows one to say', () => {
  test('is good only where it compared everything, something, and without a doubt', () => {
    expect(pill({})).toBe('good both agree')
    expect(pill({ latest: null })).toBe('quiet not enough evidence')
    expect(pill({ latest: validated({ checked: 0 }) })).toBe('quiet not enough evidence')
    expect(pill({ latest: validated({ complete: false }) })).toBe('warn not enough evidence')
    expect(pill({ latest: validated({ undecided: 1 }) })).toBe('warn not enough evidence')
    expect(pill({ latest: validated({ mismatched: 2, repaired: 2 }) })).toBe('quiet repaired')
    expect(pill({ latest: validated({ mismatched: 2, repaired: 1 }) })).toBe('bad 1 differs')
    expect(pill({ latest: validated({ mismatched: 1_500, complete: false }) })).toBe('bad 1,500 differ')
  })

  test('is told with its counts, an unknown one as unknown', () => {
    const { text } = shown({
      latest: validated({ checked: 1_500, mismatched: 5, missing: null, extra: 1, repaired: 2 }),
    })
    expect(text).toContain('checked 1,500 mismatched 5 missing – extra 1 repaired 2 undecided 0')
    expect(text).toContain('Validated by ada, ended 11:51:00 UTC (9 min ago), at 462/s.')
  })

  test('says what has gone over the records since, and what is under way', () => {
    const passedSince = { runId: 'run-2', endedAt: '2026-11-21T11:59:00.000Z', inWords: 'A back-fill has gone over.' }
    const running = {
      runId: 'r',
      status: 'running',
      done: 1,
      total: 1_500,
      mismatched: 2,
      perSecond: null,
      secondsLeft: 4,
    } as const
    const { html, text } = shown({ passedSince, running })
    expect(text).toContain('A back-fill has gone over.')
    expect(text).toContain('validating 1 of 1,500 records, 2 mismatched so far, 4 s left')
    expect(html).toContain('<progress aria-label="Validation of projects that is under way" max="1500" value="1">')
  })
})

describe('what can be done', () => {
  const collections = (stage: 'off' | 'rampdown') => ({ collections: [collectionState({ stage })] })

  test('is a repair only where there is something to repair', () => {
    expect(shown({}, collections('off')).acts).toEqual(['validate'])
    const differs = shown({ latest: validated({ mismatched: 3, repaired: 1 }) }, collections('off'))
    expect(differs.acts).toEqual(['validate', 'repair'])
    expect(differs.text).toContain('Repair 2…')
    expect(shown({ latest: validated({ mismatched: 3, repaired: 3 }) }, collections('off')).acts).toEqual(['validate'])
  })

  test('is a check for loss where the stage allows one, and no second validation beside the first', () => {
    const running = {
      runId: 'r',
      status: 'paused',
      done: 1,
      total: null,
      mismatched: 0,
      perSecond: null,
      secondsLeft: null,
    } as const
    expect(shown({ running, latest: validated({ mismatched: 3 }) }, collections('rampdown')).acts).toEqual([
      'check-zero-loss',
    ])
    expect(shown({ running }).text).toContain('paused 1 of – records')
  })
})

describe('what supports it', () => {
  test('is never good where nothing was compared', () => {
    expect(shown({}).text).toContain('Not enough evidence: none in this time.')
    expect(shown({}).text).toContain('Not enough evidence: it was never checked.')
    const sampled = { checked: 3, mismatched: 0, undecided: 3, windowMinutes: 15 }
    expect(shown({ sampled }).html).toContain('<svg class="mark quiet"')
    expect(shown({ sampled }).text).toContain('3 reads in the last 15 min: 0 differed, 3 could not be judged.')
    expect(shown({ sampled: { ...sampled, checked: 1, undecided: 0 } }).text).toContain('1 read in the last 15 min')
  })

  test('is the proof that nothing was lost, as long as the collection has not gone back', () => {
    const zeroLoss: NonNullable<Consistent['zeroLoss']> = {
      proved: true,
      inWords: 'Proved in rampdown for 60 copies.',
      because: ['Both stores are full.'],
      stage: 'rampdown',
      epoch: 7,
      records: 60,
      runId: 'r',
      at: '2026-11-21T11:00:00.000Z',
    }
    const at = (stage: 'live' | 'rampdown' | 'complete', epoch: number) =>
      shown({ zeroLoss }, { collections: [collectionState({ stage, epoch })] }).text
    expect(at('rampdown', 7)).toContain('Proved in rampdown for 60 copies. Checked 11:00:00 UTC (1 h ago). How it is')
    expect(at('rampdown', 7)).toContain('Both stores are full.')
    expect(at('complete', 8)).toContain('Its stage has changed since, and is no lower.')
    expect(at('live', 8)).toContain('has gone back since: check again')
    const mark = (stage: 'live' | 'rampdown') =>
      /Zero loss<\/dt><dd><svg class="mark (\w+)"/.exec(
        shown({ zeroLoss }, { collections: [collectionState({ stage, epoch: 8 })] }).html,
      )?.[1]
    expect([mark('rampdown'), mark('live')]).toEqual(['good', 'warn'])
    const not = shown({ zeroLoss: { ...zeroLoss, proved: false, inWords: 'Not proved. Letters.' } })
    expect(not.text).toContain('Not proved. Letters.')
    expect(not.html).toMatch(/Zero loss<\/dt><dd><svg class="mark warn"/)
  })
})

describe('why records differ', () => {
  const cause: Consistent['causes'][number] = {
    cause: 'values-differ',
    paths: ['$.count'],
    inWords: '4 records differ in $.count.',
    count: 4,
    repaired: 1,
    examples: [
      {
        id: 'proj-00011',
        sourceVersion: 5,
        targetVersion: 0,
        repaired: false,
        more: true,
        fields: [{ path: '$.count', source: 'number', target: null }],
      },
    ],
  }

  test('is told in groups, with examples that show no value', () => {
    const { html, text } = shown({ causes: [cause], more: true })
    expect(text).toContain('4 records differ in $.count. 1 repaired.')
    expect(text).toContain('proj-00011 Source: version 5; target: no copy.')
    expect(html).toContain('<td class="source">number</td><td class="target">nothing</td>')
    expect(text).toContain('There are more fields than are listed.')
    expect(text).toContain('One of 4; values are never shown')
    expect(text).toContain('More records differed than these were told from.')
    expect(html).toContain('aria-label="Differences of projects proj-00011" tabindex="0"')
  })

  test('runs nothing of what records are called', () => {
    const [example] = cause.examples
    if (example === undefined) throw new Error('There is an example.')
    const fields = [{ path: HOSTILE, source: HOSTILE, target: HOSTILE }]
    const { html, text } = shown({
      inWords: HOSTILE,
      causes: [{ ...cause, examples: [{ ...example, id: HOSTILE, fields }] }],
    })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

test('where it cannot be told, nothing looks as if both stores agreed', () => {
  const { text, html } = shownPart(Consistency, {
    consistency: null,
    missing: [{ part: 'consistency', code: 'unavailable' }],
  })
  expect(text).toContain('could not be read just now (unavailable)')
  expect(html).not.toContain('good')
  expect(shownPart(Consistency, {}).text).toContain('There is no collection to compare.')
})

test('what no repair mends says who does', () => {
  const told = (cause: Consistent['causes'][number]['cause'], repaired = 0) =>
    shown({ causes: [{ cause, count: 1, repaired, paths: [], inWords: '1 record differs.', examples: [] }] }).text
  for (const cause of ['values-differ', 'version-names-two-values', 'damaged-at-target'] as const) {
    expect(told(cause)).toContain('Let the application write such a record again')
    expect(told(cause, 1)).not.toContain('Let the application')
  }
  expect(told('missing-at-target')).not.toContain('Let the application')
})
