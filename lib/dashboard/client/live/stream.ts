import { comparePositions } from '../../../core/position.js'

/** The event stream. `cut`: the browser connects to it, again or for the first time. */
export type Stream = {
  kind: 'closed' | 'cut' | 'open'
  sinceMonoMs: number
  /** It has been open before, and not failed for good since. */
  wasOpen: boolean
  /** When to open it again, once it is closed. */
  openMonoMs: number
  /** The browser's own attempts that failed, in a row. */
  cuts: number
  /** How often it had to be closed, without having been open between. */
  failures: number
  /** Of the last event: the stream goes on after it. */
  position: string | null
  /** Something that the stream ought to have told, and since when it is known otherwise. */
  unheard: { position: string; monoMs: number } | null
}

/** Milliseconds by the clock that only goes on, and by the one that people can set; and a number for jitter. */
export interface Moment {
  monoMs: number
  wallMs: number
  random: number
}

export function unopened(position: string | null, { monoMs }: Moment): Stream {
  return {
    kind: 'closed',
    sinceMonoMs: monoMs,
    openMonoMs: monoMs,
    wasOpen: false,
    cuts: 0,
    failures: 0,
    position,
    unheard: null,
  }
}

/** The browser connects to it. */
export function opening(stream: Stream, { monoMs }: Moment): Stream {
  return { ...stream, kind: 'cut', sinceMonoMs: monoMs }
}

export function opened(stream: Stream, { monoMs }: Moment): Stream {
  return { ...stream, kind: 'open', sinceMonoMs: monoMs, wasOpen: true, cuts: 0, failures: 0, unheard: null }
}

/** The browser connects to it again. */
export function cut(stream: Stream, { monoMs }: Moment): Stream {
  if (stream.kind === 'open') return { ...stream, kind: 'cut', sinceMonoMs: monoMs }
  return { ...stream, kind: 'cut', cuts: stream.cuts + 1 }
}

const RETRY_FIRST_MS = 5_000
const RETRY_MAX_MS = 60_000

/** To be opened anew: later and later, as long as it fails. */
export function closed(stream: Stream, { monoMs, random }: Moment): Stream {
  const failures = stream.failures + 1
  const waitMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10)) * (0.75 + random / 2)
  const openMonoMs = monoMs + waitMs
  return {
    ...stream,
    kind: 'closed',
    sinceMonoMs: monoMs,
    openMonoMs,
    wasOpen: false,
    cuts: 0,
    failures,
    unheard: null,
  }
}

/** Closed for no fault of its own: to be opened as soon as it is wanted again. */
export function rested(stream: Stream, at: Moment): Stream {
  return unopened(stream.position, at)
}

/** A connection can be dead without having been cut: then answers know of more than the stream tells. */
export function unheardOf(stream: Stream, position: string | null, { monoMs }: Moment): Stream['unheard'] {
  if (position === null || stream.unheard !== null || stream.kind !== 'open') return stream.unheard
  const heard = stream.position !== null && comparePositions(position, stream.position) <= 0
  return heard ? null : { position, monoMs }
}
