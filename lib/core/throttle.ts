import { BATCH_MAX } from './batch.js'

/**
 * How a run keeps out of the application's way: the arithmetic. The engine (`engine/runs/gauge.ts`) asks the target
 * something small while the run rests and while a batch is worked, as a request of the application would at that
 * moment. What a batch adds to such an answer, times the share of time in which batches are worked, is what the
 * application is slowed down by on average; that is held below `SLOWDOWN_MAX`.
 *
 * The share falls by half at most and rises by a small step (additive increase, multiplicative decrease), so one bad
 * sight does not stop a run and one good one does not set it free. It never falls below `DUTY_MIN`: every run ends.
 * The average says little of the slowest requests, those that meet a batch: so batches shrink as well, while an
 * answer during one takes more than `IN_THE_WAY` times the usual.
 */
export interface Throttle {
  /** Share of the time in which batches are worked, `DUTY_MIN` to 1. */
  duty: number
  /** Most records of a batch. */
  recordsMax: number
  /** Milliseconds of an answer while the run rests: the best of late, ageing slowly. `null`: not known yet. */
  idleMs: number | null
  /** The same while it works, smoothed. */
  busyMs: number | null
  /** Milliseconds of all rests so far. */
  restedMs: number
}

/** Milliseconds that answers took; `null` where none was asked for, or none came. */
export interface Sightings {
  idleMs: number | null
  busyMs: number | null
}

export const DUTY_MIN = 0.02
export const RECORDS_MIN = 50
/** What the application may be slowed down by on average, as a share. */
export const SLOWDOWN_MAX = 0.03
/** The longest rest after one batch, in milliseconds: a small collection is through in seconds, whatever is felt. */
export const REST_MS_MAX = 500

const DUTY_START = 0.25
const DUTY_STEP = 0.01
const IN_THE_WAY = 3
const HARDLY = 1.5
/** A sight counts for this much of the smoothed figure. */
const SMOOTHING = 0.25
/** How much of the way up the best answer goes with a slower one. */
const AGEING = 0.05
/** Below this a difference is the clock's and the network's. */
const MS_MIN = 0.05

export const FIRST_THROTTLE: Throttle = {
  duty: DUTY_START,
  recordsMax: 2 * RECORDS_MIN,
  idleMs: null,
  busyMs: null,
  restedMs: 0,
}

export function nextThrottle(throttle: Throttle, seen: Sightings): Throttle {
  const idleMs = lowest(throttle.idleMs, seen.idleMs)
  const busyMs = smoothed(throttle.busyMs, seen.busyMs)
  if (seen.busyMs === null || busyMs === null || idleMs === null) return { ...throttle, idleMs, busyMs }
  const times = busyMs / idleMs
  const bearable = times <= 1 ? 1 : Math.min(1, SLOWDOWN_MAX / (times - 1))
  const { duty, recordsMax } = throttle
  const next = bearable < duty ? Math.max(bearable, duty / 2) : Math.min(bearable, duty + DUTY_STEP)
  const records = times > IN_THE_WAY ? Math.floor(recordsMax / 2) : times < HARDLY ? recordsMax * 2 : recordsMax
  return {
    ...throttle,
    duty: Math.max(DUTY_MIN, next),
    recordsMax: Math.min(BATCH_MAX, Math.max(RECORDS_MIN, records)),
    idleMs,
    busyMs,
  }
}

/** Milliseconds to rest after a batch that took `workedMs`. */
export function restAfter({ duty }: Throttle, workedMs: number): number {
  return Math.min(REST_MS_MAX, workedMs * (1 / duty - 1))
}

/** Why a run is slow, for people; `null` while it is not slowed down. */
export function throttleNote({ duty, idleMs, busyMs }: Throttle): string | null {
  if (duty === 1) return null
  const share = `Slowed down to ${Math.max(1, Math.round(duty * 100))} % of the time, for the application is in use`
  if (idleMs === null || busyMs === null) return `${share}.`
  return `${share}: the target answers in ${shown(busyMs)} ms during a batch, in ${shown(idleMs)} ms otherwise.`
}

function lowest(known: number | null, seen: number | null): number | null {
  if (seen === null) return known
  const ms = Math.max(MS_MIN, seen)
  if (known === null || ms < known) return known === null ? ms : known + (ms - known) * (2 * SMOOTHING)
  return known + (ms - known) * AGEING
}

function smoothed(known: number | null, seen: number | null): number | null {
  if (seen === null) return known
  return known === null ? Math.max(MS_MIN, seen) : known + (Math.max(MS_MIN, seen) - known) * SMOOTHING
}

function shown(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : String(Math.round(ms))
}
