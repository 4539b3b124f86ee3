import { render } from 'preact-render-to-string'
import { describe, expect, it, test } from 'vitest'
import { Verdict } from '../../../lib/dashboard/page/verdict.js'
import { verdictOf } from '../../../lib/dashboard/page/verdict-of.js'
import type { CollectionState, DashboardState, Part } from '../../../lib/dashboard/state.js'
import { alertState, collectionState, dashboardState } from '../fixtures.js'
import { consistent, validated as latestOf } from '../work-fixtures.js'

const FLOW = 'projects: every read is answered by the source; every write goes to the source, which acknowledges.'
const shadow = collectionState({ stage: 'shadow', epoch: 2, full: true })
const live = collectionState({ stage: 'live', epoch: 3, full: true })

function validated(members: Parameters<typeof latestOf>[0] = {}): Part<'consistency'>[number] {
  return consistent({
    inWords: 'All 60 records agreed.',
    latest: latestOf({ endedAt: '2026-11-21T11:57:00.000Z', ...members }),
  })
}

function verdict(members: Partial<DashboardState>): ReturnType<typeof verdictOf> {
  return verdictOf(dashboardState(members))
}

test('what an alert says and health repeats is said once', () => {
  const message = 'The stores of projects differ.'
  const alert = { ...alertState(), severity: 'critical' as const, status: 'open' as const, message }
  const alerts = { items: [alert, { ...alert, alertId: 'another' }], next: null } as unknown as Part<'alerts'>
  const health = { healthy: false, issues: [message] } as unknown as Part<'health'>
  const { safe } = verdict({ collections: [shadow], alerts, health })
  expect([safe.line, ...safe.more]).toEqual([`No. ${message}`])
})

test('no alert is said to be open where only one that informs is', () => {
  const alert = { ...alertState(), severity: 'info' as const, status: 'open' as const }
  const alerts = { items: [alert], next: null } as unknown as Part<'alerts'>
  const line = (members: Partial<DashboardState>) =>
    verdict({ collections: [shadow], consistency: [validated()], ...members }).safe.line
  expect(line({ alerts })).toBe('Yes. No alert above info is open, and both stores answer.')
  expect(line({})).toBe('Yes. No alert is open, and both stores answer.')
})

describe('what is happening', () => {
  it('names those at one stage together, and a share where only that stands there', () => {
    const half = collectionState({ collection: 'resources', stage: 'live', rolloutPercent: 50 })
    expect(verdict({ collections: [shadow, { ...shadow, collection: 'notes' }, half] }).happening.line).toBe(
      'projects and notes are at shadow. resources is at live for 50 %.',
    )
  })

  it('says how far runs are, and when nobody can tell', () => {
    const run = { kind: 'backfill', collection: 'projects', status: 'running' } as Part<'runs'>[number]
    const at = (progress: object) =>
      verdict({ collections: [shadow], runs: [{ ...run, progress } as Part<'runs'>[number]] }).happening
    const told = at({ done: 30, total: 60, perSecond: 3, secondsLeft: 10 })
    expect(told).toMatchObject({ tone: 'busy', more: ['backfill of projects: 50 % done, about 10 s left', FLOW] })
    expect(at({ done: 61, total: 60, secondsLeft: 0 }).more[0]).toBe('backfill of projects: 100 % done, about 0 s left')
    expect(at({ done: 30, total: null, perSecond: null, secondsLeft: null }).more).toEqual([
      'backfill of projects: 30 done',
      FLOW,
    ])
  })

  it('is the emergency stop, where one stands', () => {
    const stop = { kind: 'stopped', by: 'ann', reason: 'odd numbers' } as Part<'emergencyStop'>
    expect(verdict({ collections: [live], emergencyStop: stop }).happening).toEqual({
      tone: 'bad',
      line: 'Everything was stopped by ann.',
      more: ['odd numbers'],
    })
  })

  it('is not known where the collections could not be read', () => {
    expect(verdict({ collections: null }).happening).toMatchObject({
      tone: 'warn',
      line: expect.stringContaining('not known'),
    })
  })
})

describe('whether it is safe', () => {
  it('is yes only with evidence', () => {
    expect(verdict({ collections: [live], consistency: [validated()] }).safe).toMatchObject({
      tone: 'good',
      line: 'Yes. No alert is open, and both stores answer.',
      more: ['projects: All 60 records agreed. (3 min ago)'],
    })
    for (const consistency of [null, [], [validated({ complete: false })], [validated({ checked: 0 })]])
      expect(verdict({ collections: [live], consistency }).safe).toMatchObject({
        tone: 'quiet',
        line: expect.stringMatching(/^Nothing speaks against it\./),
      })
  })

  it('is yes while nothing has begun', () => {
    expect(verdict({ collections: [collectionState()] }).safe.tone).toBe('good')
  })

  const serving = live.serving
  const failing = (what: 'reads' | 'writes'): CollectionState => ({
    ...live,
    serving: { ...serving, [what]: { ...serving[what], failingPercent: 12 } },
  })
  const grave: [name: string, members: Partial<DashboardState>, line: string][] = [
    ['reads that fail', { collections: [failing('reads')] }, 'No. 12 % of reads of projects fail.'],
    ['writes that fail', { collections: [failing('writes')] }, 'No. 12 % of writes to projects fail.'],
    [
      'a mismatch that was not repaired',
      { consistency: [validated({ mismatched: 3, repaired: 2 })] },
      'No. 1 record of projects differs between the stores.',
    ],
    ['a critical alert', { alerts: { items: [alertState()], next: null } }, `No. ${alertState().message}`],
    [
      'an escalated critical alert',
      { alerts: { items: [alertState({ status: 'escalated' })], next: null } },
      `No. ${alertState().message}`,
    ],
    [
      'an emergency stop',
      { emergencyStop: { kind: 'stopped', by: 'ann', reason: 'x' } as Part<'emergencyStop'> },
      'No. An emergency stop is in force: nothing advances until it is lifted.',
    ],
  ]
  it.each(grave)('is no with %s', (_name, members, line) => {
    const { safe } = verdict({ collections: [live], consistency: [validated()], ...members })
    expect(safe).toMatchObject({ tone: 'bad', line })
  })

  it('names a few parts that could not be read as people call them, and of many only how many', () => {
    const unread = (...parts: string[]) =>
      verdict({ collections: [live], missing: parts.map((part) => ({ part, code: 'unavailable' })) }).safe.line
    expect(unread('latestRuns', 'emergencyStop')).toContain(
      'latest runs and emergency stop could not be read just now.',
    )
    expect(unread('a', 'b', 'c', 'd', 'e')).toContain('5 parts of this page could not be read just now.')
  })

  const unreachable = { ...live.target, reachable: false }
  const breached = {
    component: 'projects',
    rules: [{ rule: 'latency', armed: true, status: 'breached' }],
  } as Part<'monitor'>[number]
  const doubtful: [name: string, members: Partial<DashboardState>, line: string][] = [
    ['a warning', { alerts: { items: [alertState({ severity: 'warning' })], next: null } }, alertState().message],
    [
      'a store that does not answer',
      { collections: [{ ...live, target: unreachable }] },
      'The target of projects does not answer.',
    ],
    ['a rule that is breached', { monitor: [breached] }, 'The rule latency of projects is breached.'],
    [
      'a part that could not be read',
      { alerts: null, missing: [{ part: 'alerts', code: 'unavailable' }] },
      'alerts could not be read just now.',
    ],
    [
      'an issue that nothing else tells',
      { health: { healthy: false, issues: ['The cron is late.'] } },
      'The cron is late.',
    ],
  ]
  it.each(doubtful)('is doubtful with %s', (_name, members, line) => {
    const { safe } = verdict({ collections: [live], consistency: [validated()], ...members })
    expect(safe).toMatchObject({ tone: 'warn', line: `Look at this: ${line}` })
  })

  it('is not spoilt by an alert that is resolved, nor by a rule that is not armed', () => {
    const { safe } = verdict({
      collections: [live],
      consistency: [validated()],
      alerts: { items: [alertState({ status: 'resolved' })], next: null },
      monitor: [{ component: 'projects', rules: [{ ...breached.rules[0], armed: false }] } as Part<'monitor'>[number]],
    })
    expect(safe.tone).toBe('good')
  })

  it('is not said to be where some record could not be judged', () => {
    const { safe } = verdict({ collections: [live], consistency: [validated({ undecided: 1 })] })
    expect(safe).toMatchObject({ tone: 'quiet', line: expect.stringContaining('Nothing speaks against it.') })
  })

  it('puts what is grave before what is doubtful, and keeps both', () => {
    const alerts = {
      items: [alertState({ severity: 'warning', message: 'mild' }), alertState({ message: 'grave' })],
      next: null,
    }
    expect(verdict({ collections: [live], alerts }).safe).toEqual({ tone: 'bad', line: 'No. grave', more: ['mild'] })
  })
})

describe('how to go back', () => {
  it('is at once where every collection says so', () => {
    expect(verdict({ collections: [live] }).back).toMatchObject({
      tone: 'good',
      line: 'At once: one act takes projects back.',
    })
  })

  it('tells records and seconds where a pass comes first', () => {
    const far = {
      ...live,
      stage: 'rampdown' as const,
      rollbackReadiness: {
        kind: 'after-pass' as const,
        records: 1_204,
        seconds: 8,
        inWords: '1,204 records, about 8 s',
      },
    }
    expect(verdict({ collections: [far] }).back).toEqual({
      tone: 'quiet',
      line: 'After records are brought back.',
      more: ['projects: 1,204 records, about 8 s'],
    })
  })

  it('says where there is no way back', () => {
    const gone = {
      ...live,
      rollbackReadiness: {
        kind: 'impossible' as const,
        because: 'cleaned-up',
        inWords: 'impossible: the collection is cleaned up',
      },
    }
    expect(verdict({ collections: [gone] }).back).toMatchObject({ tone: 'warn', line: 'Not all the way.' })
  })

  it('is under way while a rollback is', () => {
    const item = { component: 'projects', status: 'under-way', inWords: 'Step 1 of 2.' }
    const rollbacks = { items: [item], next: null } as unknown as Part<'rollbacks'>
    expect(verdict({ collections: [live], rollbacks }).back).toEqual({
      tone: 'busy',
      line: 'It is going back now.',
      more: ['projects: Step 1 of 2.'],
    })
  })

  it('is nothing while nothing has begun, and not known where nothing could be read', () => {
    expect(verdict({ collections: [collectionState()] }).back.tone).toBe('quiet')
    expect(verdict({ collections: null }).back.tone).toBe('warn')
  })
})

test('the three answers are on the page in words, whatever they quote', () => {
  const alerts = { items: [alertState({ message: '<script>alert(1)</script>' })], next: null }
  const html = render(<Verdict state={dashboardState({ collections: [live], alerts })} />)
  for (const question of ['What is happening?', 'Is it safe?', 'How do I go back?']) expect(html).toContain(question)
  expect(html).not.toContain('<script>')
  expect(html).toContain('&lt;script')
})
