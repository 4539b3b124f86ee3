import { describe, expect, test } from 'vitest'
import {
  extended,
  isFiltered,
  joined,
  NO_FILTER,
  newIn,
  occurring,
  queryOf,
  type Trail,
} from '../../../../lib/dashboard/client/audit/query.js'
import { addressOf } from '../../../../lib/dashboard/client/read.js'
import { auditEntry } from '../../fixtures.js'

const NOW = Date.parse('2026-11-21T12:00:00.000Z')

function trail(positions: number[], next: string | null = null): Trail {
  return { items: positions.map((number) => auditEntry({ position: `${number}-0` })), next }
}

function positions({ items }: Trail): string[] {
  return items.map(({ position }) => position)
}

describe('the filter of the audit trail', () => {
  test('asks for all of it where nothing is wished', () => {
    expect(isFiltered(NO_FILTER)).toBe(false)
    expect(addressOf('/audit', queryOf(NO_FILTER, NOW, null))).toBe('/api/migration/audit?limit=50')
  })

  test('asks for what is wished, from a moment, and goes on where the page before ended', () => {
    const filter = { action: 'roll-back', collection: 'projects', by: 'ada & co', hours: 24 }
    const asked = new URL(addressOf('/audit', queryOf(filter, NOW, '7-0')), 'http://localhost').searchParams
    expect(Object.fromEntries(asked)).toEqual({
      action: 'roll-back',
      collection: 'projects',
      by: 'ada & co',
      since: '2026-11-20T12:00:00.000Z',
      before: '7-0',
      limit: '50',
    })
    expect(isFiltered({ ...NO_FILTER, hours: 1 })).toBe(true)
  })

  test('offers what occurs, once', () => {
    const items = [auditEntry({ by: 'eve' }), auditEntry({ by: 'ada', collection: null }), auditEntry({ by: 'eve' })]
    const trails = [{ items, next: null }]
    expect(occurring(trails, 'by')).toEqual(['ada', 'eve'])
    expect(occurring(trails, 'collection')).toEqual(['projects'])
  })
})

describe('entries that arrive', () => {
  test('come before those that are there, and older pages stay', () => {
    const known = trail([5, 4, 3, 2, 1], '1-0')
    expect(newIn(known, trail([7, 6, 5, 4]))).toBe(2)
    const now = joined(known, trail([7, 6, 5, 4], '4-0'))
    expect(positions(now)).toEqual(['7-0', '6-0', '5-0', '4-0', '3-0', '2-0', '1-0'])
    expect(now.next).toBe('1-0')
  })

  test('of a week do not pile up: the oldest go, and are where older ones are asked for', () => {
    let now = trail([0])
    for (let newest = 1; newest <= 1_000; newest++) now = joined(now, trail([newest, newest - 1]))
    expect(now.items).toHaveLength(500)
    expect([positions(now)[0], positions(now).at(-1), now.next]).toEqual(['1000-0', '501-0', '501-0'])
  })

  test('are no news where they are known', () => {
    expect(newIn(trail([5, 4]), trail([5, 4]))).toBe(0)
    expect(positions(joined(trail([5, 4]), trail([5, 4])))).toEqual(['5-0', '4-0'])
  })

  test('replace what is there where entries between are missing: never a gap that looks like none', () => {
    const arrived = trail([99, 98], '98-0')
    expect(joined(trail([5, 4]), arrived)).toEqual(arrived)
    expect(newIn(trail([5, 4]), arrived)).toBe(2)
    expect(joined(trail([]), arrived)).toEqual(arrived)
  })
})

test('an older page goes after what is there, and nothing is there twice', () => {
  const now = extended(trail([5, 4], '4-0'), trail([4, 3], '3-0'))
  expect(positions(now)).toEqual(['5-0', '4-0', '3-0'])
  expect(now.next).toBe('3-0')
})
