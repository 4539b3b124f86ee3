import { formatIn } from '../../page/time.js'

/** Moments for the labels of a time axis: round ones by the clock of a zone, at most `most` of them. */
export function ticksOf(from: number, to: number, zone: string, most: number): number[] {
  const stepMs = STEPS_MS.find((step) => (to - from) / step <= most) ?? DAY_MS
  const ticks: number[] = []
  // A zone's clock is off UTC by whole minutes; where it jumps, the labels still tell the right time.
  const offset = offsetOf(to, zone)
  for (let at = Math.ceil((from + offset) / stepMs) * stepMs - offset; at <= to; at += stepMs) ticks.push(at)
  return ticks
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const STEPS_MS = [
  ...[10_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
]

/** `14:05`, and the seconds where they are not nought. */
export function tickLabel(at: number, zone: string): string {
  return formatIn(zone, at % MINUTE_MS === 0 ? 'minute' : 'time').format(at)
}

/** By how much a zone's clock is ahead of UTC at a moment. */
export function offsetOf(at: number, zone: string): number {
  if (zone === 'UTC') return 0
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(at)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value)
  const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'))
  return local - Math.floor(at / 1_000) * 1_000
}
