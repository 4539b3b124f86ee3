import type { DashboardState } from '../state.js'
import { Pill, type Tone } from './panel.js'
import { Time } from './time.js'
import { ZoneSwitch } from './zone.js'

/** How fresh what is shown is, and how it is kept so. */
export interface Connection {
  kind: 'connecting' | 'live' | 'polling' | 'offline' | 'signed-out'
  /** Wall-clock milliseconds, by the server's clock, of the state that is shown; `null`: none could be had yet. */
  asOfMs: number | null
  /** It is older than it should be. */
  stale: boolean
  /** What the last request came to, if it failed. */
  trouble: string | null
  /** How often it is asked for while nothing happens. */
  everySeconds: number
}

/** The mode is read out when it changes; the age, which changes every second, is not. */
export function Freshness({ connection, state }: { connection: Connection | null; state: DashboardState | null }) {
  if (connection === null)
    return state === null ? null : (
      <span class="freshness">
        as of <Time at={state.at} />
      </span>
    )
  const { kind, stale, asOfMs, trouble, everySeconds } = connection
  const { tone, word, means } = MODES[kind]
  return (
    <span class={`freshness ${stale ? 'old' : ''}`} data-connection={kind}>
      <span role="status" class="modes" title={[means(everySeconds), trouble].filter(Boolean).join(': ')}>
        <Pill tone={tone}>{word}</Pill>
        {stale ? <strong class="mark-stale">STALE</strong> : null}
      </span>
      {asOfMs === null ? null : (
        <span>
          {stale ? 'last seen ' : <span class="as-of">as of </span>}
          <Time at={asOfMs} age />
        </span>
      )}
      <ZoneSwitch />
    </span>
  )
}

/** Above everything, where what is shown can no longer be relied on. */
export function ConnectionNotice({ connection }: { connection: Connection | null }) {
  if (connection?.kind === 'signed-out')
    return (
      <p class="notice warn connection" role="alert">
        Your session is over. What you see stays as it was last seen.{' '}
        <a class="button" href="/">
          Sign in again
        </a>
      </p>
    )
  if (connection?.kind === 'offline')
    return (
      <p class="notice bad connection" role="alert">
        Offline: {connection.trouble ?? 'this browser has no network'}. What you see is how it was last seen, and the
        migration may have gone on. The page comes back by itself.
      </p>
    )
  return null
}

export const MODES: { readonly [kind in Connection['kind']]: Mode } = {
  connecting: { tone: 'busy', word: 'Connecting', means: () => 'The event stream is being opened' },
  live: { tone: 'good', word: 'Live', means: () => 'What happens is shown as it happens' },
  polling: { tone: 'warn', word: 'Polling', means: (s) => `There is no event stream; asked for every ${s} s` },
  offline: { tone: 'bad', word: 'Offline', means: () => 'Nothing is heard; asked for again and again' },
  'signed-out': { tone: 'bad', word: 'Signed out', means: () => 'The session is over' },
}

interface Mode {
  tone: Tone
  word: string
  means: (seconds: number) => string
}
