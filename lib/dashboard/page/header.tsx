import type { Boot, DashboardState } from '../state.js'
import { ActButton } from './act.js'
import { type Connection, Freshness } from './freshness.js'

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
      {state?.emergencyStop?.kind === 'stopped' ? (
        <ActButton act={{ kind: 'lift-emergency-stop' }} />
      ) : (
        // Also where nobody knows whether there is one: that is when it may be needed.
        <ActButton act={{ kind: 'emergency-stop' }} tone="danger" />
      )}
    </header>
  )
}

interface HeaderProps {
  boot: Boot
  connection: Connection | null
  state: DashboardState | null
}
