import type { Boot, DashboardState } from '../state.js'
import { ActButton } from './act.js'
import type { Connection } from './page.js'
import { Pill } from './panel.js'
import { Time } from './time.js'

/** Where one is, as whom, how fresh the page is, and the one button that stops everything. */
export function Header({ boot, connection, state }: HeaderProps) {
  const { name, role } = boot.caller
  return (
    <header class="top">
      <h1 class="wordmark">cutover</h1>
      <span class="host">{boot.host}</span>
      <Freshness connection={connection} state={state} />
      <span class="who">
        {name} <span class="quiet">({role})</span>
      </span>
      <form method="post" action="/api/session/end">
        <button type="submit">Sign out</button>
      </form>
      {state?.emergencyStop?.kind === 'none' || state === null ? (
        <ActButton act={{ kind: 'emergency-stop' }} tone="danger" />
      ) : (
        <ActButton act={{ kind: 'lift-emergency-stop' }} />
      )}
    </header>
  )
}

interface HeaderProps {
  boot: Boot
  connection: Connection | null
  state: DashboardState | null
}

function Freshness({ connection, state }: Pick<HeaderProps, 'connection' | 'state'>) {
  if (connection === null)
    return state === null ? null : (
      <span class="quiet">
        as of <Time at={state.at} />
      </span>
    )
  const { kind, stale, asOfMs } = connection
  return (
    <span class="freshness" role="status">
      <Pill tone={stale ? 'bad' : kind === 'live' ? 'good' : 'warn'}>{kind}</Pill> <Time at={asOfMs} age />
    </span>
  )
}
