import { describe, expect, test } from 'vitest'
import { Runs } from '../../../lib/dashboard/page/runs.js'
import type { DashboardState } from '../../../lib/dashboard/state.js'
import { HOSTILE, shownPart } from '../shown.js'
import { endedRun, runState, shardState } from '../work-fixtures.js'

const shown = (members: Partial<DashboardState>, role?: 'viewer') => shownPart(Runs, members, role ?? 'operator')

describe('a run that is under way', () => {
  test('says what it is, how far, how fast and how long still, and can be paused and cancelled', () => {
    const { html, text, acts } = shown({ runs: [runState()] })
    expect(text).toContain('Back-fill of projects')
    expect(text).toContain('20 %')
    expect(text).toContain('1,204 of 6,000 records')
    expect(text).toContain('210/s')
    expect(text).toContain('23 s left')
    expect(text).toContain('Begun by ada at 11:58:00 UTC (2 min ago): the pass')
    expect(html).toContain('<progress aria-label="Back-fill of projects" max="6000" value="1204">')
    expect(acts).toEqual(['pause-run', 'cancel-run'])
    expect(text).toContain('1 under way')
  })

  test('that is paused says why, how long once resumed, and is resumed rather than paused', () => {
    const { html, text, acts } = shown({ runs: [runState({ status: 'paused', reason: 'the quota is used up' })] })
    expect(text).toContain('the quota is used up')
    expect(text).toContain('23 s left once resumed')
    expect(html).toContain('class="run paused"')
    expect(acts).toEqual(['resume-run', 'cancel-run'])
    expect(text).toContain('1 paused')
    expect(text).not.toContain('under way')
  })

  test('of which the total and the rate are not known shows no share, and no nought', () => {
    const progress = { done: 12, total: null, perSecond: null, secondsLeft: null }
    const { html, text } = shown({ runs: [runState({ progress })] })
    expect(text).toContain('12 done, of a number that is not known')
    expect(text).toContain('rate not known yet')
    expect(text).toContain('time left not known yet')
    expect(text).not.toContain('%')
    expect(html).not.toContain('<progress')
  })

  test('with records that were set aside says how many', () => {
    expect(shown({ runs: [runState({ counters: { deadLetters: 1 } })] }).text).toContain('1 record was set aside')
    expect(shown({ runs: [runState({ counters: { deadLetters: 3 } })] }).text).toContain('3 records were set aside')
    expect(shown({ runs: [runState({ counters: { deadLetters: 0 } })] }).text).not.toContain('set aside')
  })

  test('is steered by nobody who may only look', () => {
    expect(shown({ runs: [runState()] }, 'viewer').acts).toEqual([])
  })

  test('runs nothing of what others wrote', () => {
    const { html, text } = shown({
      runs: [runState({ runId: HOSTILE, reason: HOSTILE, startedBy: HOSTILE, startedFor: HOSTILE })],
      latestRuns: [endedRun({ status: 'failed', reason: HOSTILE, collection: HOSTILE })],
    })
    expect(html).not.toMatch(/<script|<img/)
    expect(text).toContain(HOSTILE)
  })
})

describe('the partitions of a run', () => {
  const shards = [
    shardState(),
    shardState({ partition: 1, label: 'partition 2 of 2', status: 'done', done: 100, total: 100, secondsLeft: 0 }),
  ]

  test('each have their own progress, rate and time left', () => {
    const { html, text } = shown({ runs: [runState({ shards })] })
    expect(text).toContain('2 partitions: 1 running, 1 done')
    expect(html).toContain('<progress aria-label="partition 1 of 2" max="365" value="80">')
    expect(text).toContain('80 of 365 9.1/s 32 s')
    expect(text).toContain('100 of 100')
    expect(html).toContain('Partitions of the Back-fill of projects')
  })

  test('are not shown where there is one, and are folded away where there are many', () => {
    expect(shown({ runs: [runState()] }).text).not.toContain('partitions')
    expect(shown({ runs: [runState({ shards })] }).html).toContain('<details class="shards" open>')
    const many = Array.from({ length: 9 }, (_, at) => shardState({ label: `partition ${at + 1} of 9` }))
    expect(shown({ runs: [runState({ shards: many })] }).html).toContain('<details class="shards">')
  })

  test('of which nothing is known say so', () => {
    const unknown = { status: 'unknown', done: null, total: null, perSecond: null, secondsLeft: null } as const
    const { text } = shown({ runs: [runState({ shards: [shardState(), shardState({ label: 'b', ...unknown })] })] })
    expect(text).toContain('not known – of – – –')
  })
})

describe('a run that has ended', () => {
  const outcome = (run: Parameters<typeof endedRun>[0]) => shown({ latestRuns: [endedRun(run)] }).text

  test('says what it came to, when, and how long it took', () => {
    const text = outcome({})
    expect(text).toContain('Back-fill of projects done')
    expect(text).toContain('60 records copied to the target.')
    expect(text).toContain('11:59:30 UTC (30 s ago), took 2 min')
    expect(outcome({ counters: { read: 1, same: 1 } })).toContain('The one record was there already.')
    expect(outcome({ counters: { read: 60, deadLetters: 2, copied: 58 } })).toMatch(/done in part 2 set aside/)
  })

  test('and failed or was cancelled says why', () => {
    expect(outcome({ status: 'failed', reason: 'the target is away', result: null })).toMatch(
      /failed the target is away/,
    )
    expect(outcome({ status: 'cancelled', reason: 'by hand' })).toMatch(/cancelled by hand/)
  })

  test('is good news as a validation only if it compared something and left nothing open', () => {
    const validation = (counters: { [name: string]: number }) => outcome({ kind: 'validate', counters })
    expect(validation({ compared: 60 })).toContain('alike All 60 records agree.')
    expect(validation({ compared: 0 })).toContain('not enough evidence No record was compared.')
    expect(validation({ compared: 60, inconclusive: 4 })).toContain('not enough evidence')
    expect(validation({ compared: 60, mismatched: 3, repaired: 3 })).toContain('repaired 3 of 60 records differed')
    const failed = { kind: 'validate', status: 'failed', counters: { compared: 60, mismatched: 3 } } as const
    expect(outcome(failed)).toContain('differences 3 of 60 records differed, 0 repaired.')
    expect(outcome({ ...failed, result: null, reason: 'the store is away' })).toContain('failed the store is away')
  })

  test('is not told of while it is paused, and the last to end comes first', () => {
    const { html } = shown({
      latestRuns: [
        runState({ runId: 'c', status: 'paused' }),
        endedRun({ runId: 'a', endedAt: '2026-11-21T11:00:00.000Z' }),
        endedRun({ runId: 'b', endedAt: '2026-11-21T11:30:00.000Z' }),
      ],
    })
    expect([...html.matchAll(/<strong title="(\w)"/g)].map(([, id]) => id)).toEqual(['b', 'a'])
  })
})

test('where nothing runs it says how a run comes to be, and where it cannot be told, that', () => {
  expect(shown({}).text).toContain('No run is under way.')
  const missing = [
    { part: 'runs', code: 'unavailable' },
    { part: 'latestRuns', code: 'timed-out' },
  ]
  const { text } = shown({ runs: null, latestRuns: null, missing })
  expect(text).toContain('could not be read just now (unavailable)')
  expect(text).toContain('could not be read just now (timed-out)')
  expect(text).not.toContain('No run is under way')
})
