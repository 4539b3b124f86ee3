import { describe, expect, test } from 'vitest'
import { offsetOf, tickLabel, ticksOf } from '../../../../lib/dashboard/client/charts/axis.js'

const HOUR = 3_600_000
const NOON = Date.parse('2026-11-21T12:00:00.000Z')

function labels(from: number, to: number, zone: string, most: number): string[] {
  return ticksOf(from, to, zone, most).map((at) => tickLabel(at, zone))
}

describe('the labels of the time axis', () => {
  test('are round by the clock in UTC', () => {
    expect(labels(NOON - 15 * 60_000 + 7_000, NOON + 7_000, 'UTC', 8)).toEqual([
      '11:46',
      '11:48',
      '11:50',
      '11:52',
      '11:54',
      '11:56',
      '11:58',
      '12:00',
    ])
  })

  test('are round by the clock of a zone that is off by half an hour', () => {
    expect(labels(NOON - 6 * HOUR, NOON, 'Asia/Kolkata', 7)).toEqual([
      '12:00',
      '13:00',
      '14:00',
      '15:00',
      '16:00',
      '17:00',
    ])
  })

  test('are round where days begin elsewhere', () => {
    expect(labels(NOON - 24 * HOUR, NOON, 'America/New_York', 5)).toEqual(['12:00', '18:00', '00:00', '06:00'])
  })

  test('tell seconds where minutes would not tell them apart', () => {
    expect(labels(NOON, NOON + 60_000, 'UTC', 3)).toEqual(['12:00', '12:00:30', '12:01'])
  })

  test.each([1, 2, 5, 9])('are at most %i steps', (most) => {
    for (const span of [60_000, 15 * 60_000, HOUR, 6 * HOUR, 24 * HOUR])
      expect(ticksOf(NOON, NOON + span, 'UTC', most).length).toBeLessThanOrEqual(most + 1)
  })

  test('tell the right time on both sides of a change of the clock', () => {
    const changed = Date.parse('2026-10-25T01:00:00.000Z')
    expect(labels(changed - HOUR, changed + HOUR, 'Europe/Berlin', 3)).toEqual(['02:00', '02:00', '03:00'])
  })
})

test('a zone is ahead of UTC by what its clock shows then', () => {
  expect(offsetOf(NOON, 'UTC')).toBe(0)
  expect(offsetOf(NOON + 123, 'Europe/Berlin')).toBe(HOUR)
  expect(offsetOf(Date.parse('2026-07-01T00:00:00.500Z'), 'Europe/Berlin')).toBe(2 * HOUR)
  expect(offsetOf(NOON, 'America/New_York')).toBe(-5 * HOUR)
  expect(offsetOf(NOON, 'Asia/Kolkata')).toBe(5.5 * HOUR)
})
