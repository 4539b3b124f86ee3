import { describe, expect, test } from 'vitest'
import { heldOf, linesOf, marksOf } from '../../../../lib/dashboard/client/charts/marks.js'
import { auditEntry } from '../../fixtures.js'

const AT = Date.parse('2026-11-21T11:30:00.000Z')

function moved(minute: number, before: object, after: object, members = {}) {
  const at = new Date(AT + minute * 60_000).toISOString()
  return auditEntry({ at, position: `${minute}-0`, before, after, ...members })
}

describe('stage changes on the axis', () => {
  test('are told from the entries of any verb that changed the stage, in the order of time', () => {
    const marks = marksOf([
      moved(9, { stage: 'live' }, { stage: 'shadow', epoch: 4 }, { action: 'emergency-rollback' }),
      moved(1, { stage: 'dualwrite', rolloutPercent: 100 }, { stage: 'shadow', rolloutPercent: 100 }),
    ])
    expect(marks.map(({ label, back }) => [label, back])).toEqual([
      ['dualwrite → shadow', false],
      ['live → shadow', true],
    ])
  })

  test('tell a share that has grown, and one that was taken back', () => {
    const marks = marksOf([
      moved(1, { stage: 'shadow', rolloutPercent: 100 }, { stage: 'live', rolloutPercent: 10 }),
      moved(2, { stage: 'live', rolloutPercent: 10 }, { stage: 'live', rolloutPercent: 50 }),
      moved(3, { stage: 'live', rolloutPercent: 50 }, { stage: 'live', rolloutPercent: 20 }),
    ])
    expect(marks.map(({ label, back }) => [label, back])).toEqual([
      ['shadow → live 10 %', false],
      ['live 10 % → live 50 %', false],
      ['live 50 % → live 20 %', true],
    ])
  })

  test('are nothing else: runs, alerts, and sides that hold something unexpected', () => {
    const others = [null, 'live', 7, {}, { stage: '<b>live</b>' }, { stage: 3 }, [1]]
    for (const side of others) expect(marksOf([auditEntry({ before: side, after: { stage: 'live' } })])).toEqual([])
    expect(marksOf([auditEntry({ before: { stage: 'live' }, after: { stage: 'live', epoch: 9 } })])).toEqual([])
  })
})

describe('which stage was held', () => {
  const marks = marksOf([
    moved(10, { stage: 'dualwrite' }, { stage: 'shadow' }),
    moved(20, { stage: 'shadow' }, { stage: 'dualwrite' }),
  ])

  test('fills the window from end to end', () => {
    const end = AT + 30 * 60_000
    expect(heldOf(marks, 'dualwrite', AT, end)).toEqual([
      { from: AT, to: AT + 600_000, name: 'dualwrite', back: false },
      { from: AT + 600_000, to: AT + 1_200_000, name: 'shadow', back: false },
      { from: AT + 1_200_000, to: end, name: 'dualwrite', back: true },
    ])
  })

  test('is the present one all along where nothing was changed', () => {
    expect(heldOf([], 'live', AT, AT + 1)).toEqual([{ from: AT, to: AT + 1, name: 'live', back: false }])
    expect(heldOf([], null, AT, AT + 1)).toEqual([])
  })
})

describe('labels', () => {
  test('take a line of their own where they would lie on another, and none where there is no room', () => {
    const at = (left: number) => ({ left, width: 50 })
    expect(linesOf([at(0), at(20), at(40), at(60)], 200, 2)).toEqual([
      { line: 0, left: 0 },
      { line: 1, left: 20 },
      null,
      { line: 0, left: 60 },
    ])
  })

  test('do not reach beyond the end', () => {
    expect(linesOf([{ left: 180, width: 50 }], 200, 1)).toEqual([{ line: 0, left: 150 }])
  })
})
