import type { DashboardState } from '../../state.js'
import { type Moment, type Stream, unopened } from './stream.js'

export interface Live {
  shown: Shown | null
  stream: Stream
  /** The request that is under way. */
  asked: { number: number; all: boolean; at: Moment } | null
  /** Requests so far: what answers to another one than the last came too late. */
  number: number
  /** What a refresh is wanted for, and whether it may wait its turn. */
  wanted: 'nothing' | 'quick' | 'all' | 'all-at-once'
  askedMonoMs: number
  /** When everything was last answered. */
  allMonoMs: number
  failures: number
  /** Since the last answer; `null`: none. */
  trouble: string | null
  retryMonoMs: number
  /** Answers in a row that were older than what is shown. */
  dropped: number
  signedOut: boolean
  offline: boolean
  /** `null`: the tab can be seen. */
  hiddenMonoMs: number | null
}

export interface Shown {
  state: DashboardState
  /** When it was asked for, by both clocks: it is not older than this. */
  at: Moment
}

export type LiveEvent =
  | { kind: 'tick' }
  | { kind: 'answered'; number: number; state: DashboardState }
  | { kind: 'failed'; number: number; trouble: string; waitMs: number | null }
  | { kind: 'signed-out'; number: number }
  | { kind: 'stream-opened' }
  | { kind: 'stream-said'; position: string | null; isEntry: boolean }
  | { kind: 'stream-cut' }
  | { kind: 'stream-refused' }
  | { kind: 'hidden' }
  | { kind: 'shown' }
  | { kind: 'offline' }
  | { kind: 'online' }
  /** Something was done from this page. */
  | { kind: 'acted' }

/** `loadedMs`: how long ago the page was asked for. */
export function begin(state: DashboardState | null, at: Moment, loadedMs: number): Live {
  const asked = { ...at, monoMs: at.monoMs - loadedMs, wallMs: at.wallMs - loadedMs }
  return {
    shown: state === null ? null : { state, at: asked },
    stream: unopened(state?.position ?? null, at),
    asked: null,
    number: 0,
    wanted: state === null ? 'all' : 'nothing',
    askedMonoMs: asked.monoMs,
    allMonoMs: asked.monoMs,
    failures: 0,
    trouble: null,
    retryMonoMs: 0,
    dropped: 0,
    signedOut: false,
    offline: false,
    hiddenMonoMs: null,
  }
}
