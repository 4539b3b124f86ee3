import { comparePositions } from '../../../core/position.js'
import type { DashboardState } from '../../state.js'
import { type Effect, needed } from './due.js'
import type { Live, LiveEvent } from './live.js'
import { isOlder, isTurn, merged } from './merge.js'
import { closed, cut, type Moment, opened, rested, unheardOf } from './stream.js'

/**
 * How the page stays as fresh as it says: what happened (an event) makes the next state and what is to be done, and
 * nothing else does. No clock, no network and no browser in here, so that a week of trouble can be played through.
 *
 * - One request is under way at most. Whatever asks for another one meanwhile is remembered, once.
 * - What is shown is never cleared by trouble, and never replaced by what is older.
 * - Intervals are counted by a clock that nobody can set; ages by the server's clock, never by the browser's own.
 */
export function step(live: Live, event: LiveEvent, at: Moment): { live: Live; effects: Effect[] } {
  return needed(after(live, event, at), at)
}

const RETRY_FIRST_MS = 2_000
const RETRY_MAX_MS = 30_000
/** Then what is shown must be from a clock, or a ledger, that is no more. */
const DROPPED_MAX = 3

function after(live: Live, event: LiveEvent, at: Moment): Live {
  if (event.kind.startsWith('stream-') && live.stream.kind === 'closed') return live
  switch (event.kind) {
    case 'tick':
      return live
    case 'answered':
      return event.number === live.asked?.number ? answered(live, event.state, live.asked, at) : live
    case 'failed':
      return event.number === live.asked?.number ? failed(live, event.trouble, event.waitMs, at) : live
    case 'signed-out':
      return event.number === live.asked?.number ? { ...live, asked: null, signedOut: true, failures: 0 } : live
    case 'stream-opened':
      return { ...live, stream: opened(live.stream, at) }
    case 'stream-said':
      return said(live, event)
    case 'stream-cut':
      return { ...live, stream: cut(live.stream, at), wanted: atLeast(live.wanted, 'quick') }
    case 'stream-refused':
      return { ...live, stream: closed(live.stream, at), wanted: atLeast(live.wanted, 'quick') }
    case 'hidden':
      return { ...live, hiddenMonoMs: live.hiddenMonoMs ?? at.monoMs }
    case 'shown':
      return { ...live, hiddenMonoMs: null, wanted: 'all-at-once', retryMonoMs: 0 }
    case 'offline':
      return { ...live, offline: true }
    case 'online':
      return { ...live, offline: false, wanted: 'all-at-once', retryMonoMs: 0 }
    case 'acted':
      return { ...live, wanted: 'all-at-once' }
  }
}

function answered(live: Live, state: DashboardState, { all, at: sent }: NonNullable<Live['asked']>, at: Moment): Live {
  const before = live.shown?.state ?? null
  const wasAway = live.failures > 0 || live.signedOut || live.offline
  // What kept the stream closed is over as well, so it need not wait its time.
  const stream = wasAway && live.stream.kind === 'closed' ? rested(live.stream, at) : live.stream
  const well = { ...live, asked: null, stream, failures: 0, trouble: null, signedOut: false, offline: false }
  if (before !== null && isOlder(state, before) && live.dropped < DROPPED_MAX) {
    return { ...well, dropped: live.dropped + 1, wanted: atLeast(live.wanted, 'all') }
  }
  const shown = { state: merged(before, state), at: sent }
  const turned = !all && isTurn(before, shown.state)
  return {
    ...well,
    shown,
    dropped: 0,
    allMonoMs: all ? at.monoMs : live.allMonoMs,
    wanted: turned ? atLeast(live.wanted, 'all') : live.wanted,
    stream: { ...stream, unheard: unheardOf(stream, state.position, at) },
  }
}

function failed(live: Live, trouble: string, waitMs: number | null, at: Moment): Live {
  const failures = live.failures + 1
  const ownMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 10)) * (0.75 + at.random / 2)
  const retryMonoMs = at.monoMs + Math.min(RETRY_MAX_MS, Math.max(waitMs ?? 0, ownMs))
  return { ...live, asked: null, failures, trouble, retryMonoMs, wanted: 'all' }
}

function said(live: Live, { position, isEntry }: { position: string | null; isEntry: boolean }): Live {
  const { stream, shown } = live
  if (position === null) return live
  const caughtUp = stream.unheard === null || comparePositions(position, stream.unheard.position) >= 0
  const known = shown?.state.position ?? null
  const isNews = known === null || comparePositions(position, known) !== 0
  return {
    ...live,
    stream: { ...stream, position, unheard: caughtUp ? null : stream.unheard },
    wanted: isNews ? atLeast(live.wanted, isEntry ? 'all' : 'quick') : live.wanted,
  }
}

const URGENCY = ['nothing', 'quick', 'all', 'all-at-once'] as const

function atLeast(wanted: Live['wanted'], least: Live['wanted']): Live['wanted'] {
  return URGENCY.indexOf(wanted) < URGENCY.indexOf(least) ? least : wanted
}
