import { OFTEN_SHOWN } from '../../../core/often-shown.js'
import type { DashboardState } from '../../state.js'
import type { Live } from './live.js'
import { closed, type Moment, opening, rested } from './stream.js'

/** What the browser is asked to do. */
export type Effect =
  | { kind: 'ask'; number: number; parts: readonly Part[] | null }
  /** The one that is under way is of no use any more. */
  | { kind: 'drop-request' }
  | { kind: 'open-stream'; after: string | null }
  | { kind: 'close-stream' }

type Part = DashboardState['asked'][number]

/** Everything is asked for when something happened. */
const QUICK: readonly Part[] = OFTEN_SHOWN

/** Between two requests: however much happens, a page costs no more than this. */
const GAP_MS = 2_000
/** Rates and latencies move without an event. */
const STREAMING_MS = 12_000
const POLLING_MS = 5_000
const RUNNING_MS = 2_000
const SIGNED_OUT_MS = 30_000
const ALL_STREAMING_MS = 24_000
const ALL_POLLING_MS = 20_000
/** A tab that nobody sees costs nothing from then on. */
const ASLEEP_MS = 60_000
/** For the browser to connect to the stream by itself, before it is told to begin anew, later. */
const CUT_MAX_MS = 15_000
const CUTS_MAX = 3
/** A stream that does not tell for so long what an answer has told is dead. */
const DEAF_MS = 10_000
/** A timer is never set for longer: ages are told by the second. */
const TICK_MS = 1_000
const TICK_MIN_MS = 50

export function needed(live: Live, at: Moment): { live: Live; effects: Effect[] } {
  if (isAsleep(live, at)) return atRest(live, at)
  const streamed = needsStream(live, at)
  if (live.asked !== null || at.monoMs < askMonoMs(live)) return streamed
  const { live: next, effects } = streamed
  const all = next.wanted === 'all' || next.wanted === 'all-at-once' || at.monoMs - next.allMonoMs >= allEveryMs(next)
  const number = next.number + 1
  return {
    live: { ...next, number, asked: { number, all, at }, askedMonoMs: at.monoMs, wanted: 'nothing' },
    effects: [...effects, { kind: 'ask', number, parts: all ? null : QUICK }],
  }
}

/** When to look again; `null`: not before something happens. */
export function dueInMs(live: Live, at: Moment): number | null {
  if (isAsleep(live, at)) return null
  const due = live.asked === null ? askMonoMs(live) - at.monoMs : TICK_MS
  return Math.max(TICK_MIN_MS, Math.min(TICK_MS, due))
}

/** How often the state is asked for while nothing happens. */
export function everyMs({ shown, stream, signedOut }: Live): number {
  if (signedOut) return SIGNED_OUT_MS
  if (shown?.state.runs?.some(({ status }) => status === 'running')) return RUNNING_MS
  return stream.kind === 'open' ? STREAMING_MS : POLLING_MS
}

function isAsleep({ hiddenMonoMs }: Live, { monoMs }: Moment): boolean {
  return hiddenMonoMs !== null && monoMs - hiddenMonoMs >= ASLEEP_MS
}

function atRest(live: Live, at: Moment): { live: Live; effects: Effect[] } {
  const effects: Effect[] = []
  if (live.stream.kind !== 'closed') effects.push({ kind: 'close-stream' })
  if (live.asked !== null) effects.push({ kind: 'drop-request' })
  const stream = live.stream.kind === 'closed' ? live.stream : rested(live.stream, at)
  return { live: { ...live, asked: null, stream }, effects }
}

function needsStream(live: Live, at: Moment): { live: Live; effects: Effect[] } {
  const { stream } = live
  if (stream.kind === 'closed') {
    if (live.signedOut || live.failures > 0 || at.monoMs < stream.openMonoMs) return { live, effects: [] }
    const effects: Effect[] = [{ kind: 'open-stream', after: stream.position }]
    return { live: { ...live, stream: opening(stream, at) }, effects }
  }
  const stuck = stream.kind === 'cut' && (at.monoMs - stream.sinceMonoMs >= CUT_MAX_MS || stream.cuts >= CUTS_MAX)
  const deaf = stream.unheard !== null && at.monoMs - stream.unheard.monoMs >= DEAF_MS
  if (!stuck && !deaf && !live.signedOut) return { live, effects: [] }
  return { live: { ...live, stream: closed(stream, at) }, effects: [{ kind: 'close-stream' }] }
}

function askMonoMs(live: Live): number {
  if (live.failures > 0 && live.wanted !== 'all-at-once') return live.retryMonoMs
  if (live.wanted === 'all-at-once') return 0
  return live.askedMonoMs + (live.wanted === 'nothing' || live.signedOut ? everyMs(live) : GAP_MS)
}

function allEveryMs({ stream }: Live): number {
  return stream.kind === 'open' ? ALL_STREAMING_MS : ALL_POLLING_MS
}
