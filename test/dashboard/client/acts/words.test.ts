import { describe, expect, test } from 'vitest'
import {
  deedInWords,
  goesOn,
  nameInWords,
  resultInWords,
  wasDoneBefore,
} from '../../../../lib/dashboard/client/acts/words.js'
import type { AuditEntry } from '../../../../lib/dashboard/state.js'

const ENTRY: AuditEntry = {
  position: '1',
  at: '2026-11-21T22:00:00.000Z',
  by: 'operator-token (Ben)',
  action: 'advance-stage',
  collection: 'projects',
  reason: 'why',
  before: { stage: 'shadow', rolloutPercent: 100 },
  after: { stage: 'live', rolloutPercent: 100, epoch: 7 },
}

describe('who did what', () => {
  test('a person comes before the token', () => {
    expect(nameInWords('operator-token (Ben B.)')).toBe('Ben B. (operator-token)')
    expect(nameInWords('admin-token')).toBe('admin-token')
  })

  test('a stage change says from where to where', () => {
    expect(deedInWords(ENTRY)).toBe('Ben (operator-token) moved projects from shadow to live')
  })

  test('a share is told', () => {
    const after = { stage: 'live', rolloutPercent: 10, epoch: 7 }
    expect(deedInWords({ ...ENTRY, after })).toBe(
      'Ben (operator-token) moved projects from shadow to live (10 % of the records)',
    )
    expect(deedInWords({ ...ENTRY, before: after, after: { ...after, rolloutPercent: 50 } })).toBe(
      'Ben (operator-token) set the rollout of projects at live (50 % of the records)',
    )
  })

  test('what moves nothing has words, or its name', () => {
    const other = { ...ENTRY, before: null, after: { runId: 'r' } }
    expect(deedInWords({ ...other, action: 'start-backfill' })).toBe(
      'Ben (operator-token) started a back-fill of projects',
    )
    expect(deedInWords({ ...other, action: 'arm-rule', collection: null })).toBe('Ben (operator-token) did “arm-rule”')
  })
})

describe('what an act has come to', () => {
  const advance = {
    kind: 'advance',
    collection: 'projects',
    to: 'complete',
    rolloutPercent: 100,
    ifEpoch: 1,
    acceptRisk: false,
  } as const

  test('a move says where it stands, and why it went no further', () => {
    const moved = { kind: 'moved', from: 'live', to: 'rampdown', epoch: 8, rolloutPercent: 100, pending: null }
    expect(resultInWords(advance, moved)).toBe('projects moved from live to rampdown, epoch 8.')
    expect(resultInWords(advance, { ...moved, to: 'live', rolloutPercent: 50 })).toBe(
      'projects is at live for 50 % of the records now, epoch 8.',
    )
    expect(resultInWords(advance, { ...moved, to: 'live' })).toContain('is at live for 100 % of the records now')
    const pending = { to: 'complete', reason: 'zero-loss-not-proved', inWords: 'It is not proved.' }
    expect(resultInWords(advance, { ...moved, rolloutPercent: 10, pending })).toBe(
      'projects moved from live to rampdown for 10 % of the records, epoch 8. It went no further: It is not proved.',
    )
  })

  test('a stop counts what it has stopped', () => {
    const report = {
      rollbacks: [{}, {}],
      flagsOff: [],
      runsCancelled: ['r'],
      plansFailed: [],
      programsFailed: [],
      underWay: [{}],
    }
    expect(resultInWords({ kind: 'emergency-stop' }, report)).toBe(
      'Everything is stopped: 2 collections turned back, 1 run cancelled. Nothing advances until the stop is lifted. 1 part is still under way.',
    )
  })
})

describe('an act that somebody else had done before', () => {
  const plan = { kind: 'pause-plan', name: 'the-week' } as const
  const alert = { kind: 'acknowledge-alert', alertId: 'a' } as const

  test('is known by the history of what it was aimed at', () => {
    const paused = { kind: 'plan-paused', by: 'x', reason: 'mine', at: '' }
    expect(wasDoneBefore(plan, 'mine', { history: [paused] })).toBe(false)
    expect(wasDoneBefore(plan, 'other', { history: [paused] })).toBe(true)
    expect(wasDoneBefore({ ...plan, kind: 'resume-plan' }, 'mine', { history: [paused] })).toBe(true)
  })

  test('or by what the server says', () => {
    expect(wasDoneBefore(alert, 'mine', { changed: true, history: [] })).toBe(false)
    expect(wasDoneBefore(alert, 'mine', { changed: false, history: [] })).toBe(true)
  })

  test('is not supposed of acts that are refused then', () => {
    expect(wasDoneBefore({ kind: 'pause-run', runId: 'r' }, 'mine', { status: 'paused' })).toBe(false)
  })
})

test('what goes on by itself is begun, and not done', () => {
  const collection = 'projects'
  const back = { kind: 'roll-back-component', collection, to: 'shadow', ifEpoch: 3 } as const
  expect(goesOn({ kind: 'backfill', collection }, {})).toBe(true)
  expect(goesOn(back, { status: 'under-way' })).toBe(true)
  expect(goesOn(back, { status: 'completed' })).toBe(false)
  expect(goesOn(back, null)).toBe(true)
  expect(goesOn({ kind: 'pause-run', runId: 'r' }, {})).toBe(false)
})
