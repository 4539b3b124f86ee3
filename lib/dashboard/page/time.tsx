import { useSteering } from './steering.js'

/** A moment, in the zone that is chosen, which is always named; and how long ago that is. */
export function Time({ at, age = false }: { at: string | number; age?: boolean }) {
  const { zone, nowMs } = useSteering()
  const ms = typeof at === 'number' ? at : Date.parse(at)
  return (
    <time dateTime={new Date(ms).toISOString()} title={new Date(ms).toISOString()}>
      {shownTime(ms, zone, nowMs)}
      {age ? <span class="quiet"> ({shownAge(nowMs - ms)})</span> : null}
    </time>
  )
}

/** `14:03:07 UTC`, with the day where it is not today. */
export function shownTime(ms: number, zone: string, nowMs: number): string {
  const day = dayOf(ms, zone)
  const time = formatIn(zone, 'time').format(ms)
  const shown = day === dayOf(nowMs, zone) ? time : `${day} ${time}`
  return `${shown} ${zoneName(zone, ms)}`
}

/** `2026-11-21`. */
function dayOf(ms: number, zone: string): string {
  return formatIn(zone, 'day').format(ms)
}

/** `UTC`, `CET`, `GMT-3`. */
function zoneName(zone: string, ms: number): string {
  if (zone === 'UTC') return 'UTC'
  const parts = formatIn(zone, 'zone').formatToParts(ms)
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? zone
}

const SHAPES = {
  day: ['sv-SE', { dateStyle: 'short' }],
  time: ['en-GB', { timeStyle: 'medium' }],
  minute: ['en-GB', { timeStyle: 'short' }],
  zone: ['en-GB', { timeZoneName: 'short' }],
} as const

const formats = new Map<string, Intl.DateTimeFormat>()

/** Making one takes many times as long as using it, and each time on the page is told anew every second. */
export function formatIn(zone: string, shape: keyof typeof SHAPES): Intl.DateTimeFormat {
  const key = `${zone} ${shape}`
  const [locale, options] = SHAPES[shape]
  const made = formats.get(key) ?? new Intl.DateTimeFormat(locale, { ...options, timeZone: zone })
  formats.set(key, made)
  return made
}

/** `just now`, `40 s ago`, `3 min ago`, `2 h ago`, `5 days ago`. */
export function shownAge(ms: number): string {
  if (ms < 2_000) return 'just now'
  const [, unit, size] = AGES.find(([below]) => ms < below) ?? LONGEST
  return `${Math.floor(ms / size)} ${unit} ago`
}

const LONGEST = [Number.POSITIVE_INFINITY, 'days', 86_400_000] as const
const AGES = [[60_000, 's', 1_000], [3_600_000, 'min', 60_000], [2 * 86_400_000, 'h', 3_600_000], LONGEST] as const
