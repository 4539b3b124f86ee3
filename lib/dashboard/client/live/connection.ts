import type { Connection } from '../../page/freshness.js'
import { everyMs } from './due.js'
import type { Live } from './live.js'
import type { Moment } from './stream.js'

/** What the page says of how fresh it is. */
export function connectionOf(live: Live, at: Moment): Connection {
  const kind = kindOf(live, at)
  const asOfMs = live.shown === null ? null : Date.parse(live.shown.state.at)
  const old = asOfMs === null || serverMs(live, at) - asOfMs >= STALE_MS
  const stale = kind === 'offline' || kind === 'signed-out' || old
  return { kind, asOfMs, stale, trouble: live.trouble, everySeconds: Math.round(everyMs(live) / 1_000) }
}

/**
 * What the server's clock shows now: the browser's own may be wrong, and may be set while the page is open, so that it
 * counts only for how much time went by, and so does the one that stands still while the machine sleeps.
 */
export function serverMs({ shown }: Live, { monoMs, wallMs }: Moment): number {
  if (shown === null) return wallMs
  return Date.parse(shown.state.at) + Math.max(0, monoMs - shown.at.monoMs, wallMs - shown.at.wallMs)
}

/** More than twice as long as the longest time between two requests that succeed. */
const STALE_MS = 30_000
/** The stream is closed and opened again now and then: that is nothing to speak of. */
const REOPENED_MS = 8_000
const FAILURES_MAX = 2

function kindOf({ stream, failures, signedOut, offline }: Live, { monoMs }: Moment): Connection['kind'] {
  if (signedOut) return 'signed-out'
  if (offline || failures >= FAILURES_MAX) return 'offline'
  if (stream.kind === 'open') return 'live'
  const brief = stream.kind === 'cut' && stream.cuts < FAILURES_MAX && monoMs - stream.sinceMonoMs < REOPENED_MS
  if (brief) return stream.wasOpen ? 'live' : 'connecting'
  return 'polling'
}
