/** Numbers as people read them. `null` is unknown, and shown as such: never as nought. */
export const UNKNOWN = '–'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** `1,204`. */
export function shownCount(count: number | null): string {
  return count === null ? UNKNOWN : whole.format(count)
}

/** Of a number from 0 to 100: `12 %`, `0.05 %`, never rounded up to 100 or down to 0. */
export function shownPercent(percent: number | null): string {
  if (percent === null) return UNKNOWN
  const digits = percent < 1 || (percent > 99 && percent < 100) ? 2 : percent < 10 ? 1 : 0
  const rounded = Number(percent.toFixed(digits))
  if (rounded === 0 && percent > 0) return '<0.01 %'
  if (rounded === 100 && percent < 100) return '>99.99 %'
  return `${rounded} %`
}

/** `0.8 ms`, `12 ms`, `1.4 s`. */
export function shownMs(ms: number | null): string {
  if (ms === null) return UNKNOWN
  if (ms >= 1_000) return `${Number((ms / 1_000).toPrecision(2))} s`
  return `${ms < 10 ? Number(ms.toFixed(1)) : Math.round(ms)} ms`
}

/** How long something takes: `8 s`, `4 min`, `2 h 10 min`, `3 days 4 h`. */
export function shownSeconds(seconds: number | null): string {
  if (seconds === null) return UNKNOWN
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${minutes % 60} min`
  return `${Math.floor(hours / 24)} days ${hours % 24} h`
}

/** `1 record`, `1,204 records`. */
export function shownCounted(count: number | null, one: string, many = `${one}s`): string {
  return `${shownCount(count)} ${count === 1 ? one : many}`
}

/** How often in a second: `461/s`, `2.5/s`. */
export function shownRate(perSecond: number | null): string {
  if (perSecond === null) return UNKNOWN
  return `${perSecond < 10 ? Number(perSecond.toFixed(1)) : whole.format(perSecond)}/s`
}

/** From one moment to another: `40 ms`, `8 s`, `4 min`; `null`: it goes on. */
export function shownSpan(from: string, to: string | null): string {
  if (to === null) return UNKNOWN
  const ms = Math.max(0, Date.parse(to) - Date.parse(from))
  return ms < 1_000 ? shownMs(ms) : shownSeconds(ms / 1_000)
}
