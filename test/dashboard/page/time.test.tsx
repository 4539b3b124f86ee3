import { describe, expect, test } from 'vitest'
import { formatIn, shownAge, shownTime } from '../../../lib/dashboard/page/time.js'

const NOON = Date.parse('2026-11-21T12:00:00.000Z')
const HOUR_MS = 3_600_000

describe('a moment', () => {
  test('is shown with the name of its zone, and with its day where that is not today', () => {
    expect(shownTime(NOON, 'UTC', NOON)).toBe('12:00:00 UTC')
    expect(shownTime(NOON - 24 * HOUR_MS, 'UTC', NOON)).toBe('2026-11-20 12:00:00 UTC')
    expect(shownTime(NOON, 'Europe/Berlin', NOON)).toBe('13:00:00 CET')
  })

  test('belongs to the day of its zone, not of UTC', () => {
    const late = Date.parse('2026-11-21T23:30:00.000Z')
    expect(shownTime(late, 'UTC', NOON)).toBe('23:30:00 UTC')
    expect(shownTime(late, 'Europe/Berlin', NOON)).toBe('2026-11-22 00:30:00 CET')
  })

  test('is told apart from the one an hour later where clocks are put back', () => {
    const first = Date.parse('2026-10-25T00:30:00.000Z')
    expect(shownTime(first, 'Europe/Berlin', first)).toBe('02:30:00 CEST')
    expect(shownTime(first + HOUR_MS, 'Europe/Berlin', first)).toBe('02:30:00 CET')
  })

  test('costs a format of its zone once', () => {
    expect(formatIn('Europe/Berlin', 'time')).toBe(formatIn('Europe/Berlin', 'time'))
    expect(formatIn('Europe/Berlin', 'time')).not.toBe(formatIn('UTC', 'time'))
  })
})

test('an age is told in the unit that one would use, and what lies ahead by a little is now', () => {
  const ages: [ms: number, words: string][] = [
    [-5_000, 'just now'],
    [1_999, 'just now'],
    [2_000, '2 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [HOUR_MS, '1 h ago'],
    [47 * HOUR_MS, '47 h ago'],
    [48 * HOUR_MS, '2 days ago'],
  ]
  for (const [ms, words] of ages) expect([ms, shownAge(ms)]).toEqual([ms, words])
})
