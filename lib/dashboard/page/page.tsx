import type { Boot, DashboardState } from '../state.js'
import { Alerts } from './alerts.js'
import { Audit } from './audit.js'
import { Collections } from './collections.js'
import { Consistency } from './consistency.js'
import { Cost } from './cost.js'
import { Experiments } from './experiments.js'
import { type Connection, ConnectionNotice } from './freshness.js'
import { Guard } from './guard.js'
import { Header } from './header.js'
import { Health } from './health.js'
import { Overrides } from './overrides.js'
import { Parts } from './parts.js'
import { Performance } from './performance.js'
import { Plans } from './plans.js'
import { Rollbacks } from './rollbacks.js'
import { Runs } from './runs.js'
import { type Steering, Steers } from './steering.js'
import { Thresholds } from './thresholds.js'
import { Verdict } from './verdict.js'
import { ZoneChoice, type Zones } from './zone.js'

/**
 * Everything an operator sees. The first screen answers three questions: what is happening, is it safe, how does one go
 * back. Below it lies what the answers rest on.
 */
export function Page({ boot, live }: { boot: Boot; live?: LivePage }) {
  const state = live?.state ?? boot.state
  const steering: Steering = live?.steering ?? { role: boot.caller.role, zone: 'UTC', nowMs: nowOf(state), ask: null }
  const connection = live?.connection ?? null
  return (
    <Steers.Provider value={steering}>
      <ZoneChoice.Provider value={live?.zones ?? null}>
        <a class="skip" href="#collections">
          Skip to the collections
        </a>
        <Header boot={boot} connection={connection} state={state} />
        <main class={connection?.stale === true ? 'stale' : ''}>
          <ConnectionNotice connection={connection} />
          {state === null ? <NoState fault={boot.fault} /> : <Panels state={state} />}
          <noscript>
            <p class="notice">
              This is how it stood at the moment of loading. To follow and steer it here, allow JavaScript; or use{' '}
              <code>npm run cutover</code>.
            </p>
          </noscript>
        </main>
        {live?.dialog}
      </ZoneChoice.Provider>
    </Steers.Provider>
  )
}

/** What only a browser that runs the script has. */
export interface LivePage {
  state: DashboardState | null
  steering: Steering
  connection: Connection
  zones: Zones
  /** The dialog that is open. */
  dialog: preact.ComponentChildren
}

function Panels({ state }: { state: DashboardState }) {
  return (
    <>
      <Guard part="State" state={state}>
        <Verdict state={state} />
      </Guard>
      <Guard part="Collections" state={state}>
        <Collections state={state} />
      </Guard>
      <Guard part="Switched parts" state={state}>
        <Parts state={state} />
      </Guard>
      <div class="columns">
        <div>
          <Guard part="Runs" state={state}>
            <Runs state={state} />
          </Guard>
          <Guard part="Performance" state={state}>
            <Performance state={state} />
          </Guard>
          <Guard part="Consistency" state={state}>
            <Consistency state={state} />
          </Guard>
          <Guard part="Plan" state={state}>
            <Plans state={state} />
          </Guard>
          <Guard part="Experiments" state={state}>
            <Experiments state={state} />
          </Guard>
        </div>
        <div>
          <Guard part="Alerts" state={state}>
            <Alerts state={state} />
          </Guard>
          <Guard part="Thresholds" state={state}>
            <Thresholds state={state} />
          </Guard>
          <Guard part="Health" state={state}>
            <Health state={state} />
          </Guard>
          <Guard part="Cost" state={state}>
            <Cost state={state} />
          </Guard>
          <Guard part="Rollbacks" state={state}>
            <Rollbacks state={state} />
          </Guard>
          <Guard part="Overrides" state={state}>
            <Overrides state={state} />
          </Guard>
        </div>
      </div>
      <Guard part="Audit trail" state={state}>
        <Audit state={state} />
      </Guard>
    </>
  )
}

function NoState({ fault }: { fault: string | null }) {
  return (
    <section class="panel notice bad" role="alert">
      <h2>The control plane does not answer</h2>
      <p>{fault ?? 'Nothing could be read.'}</p>
      <p>Reads and writes of the application do not depend on it. This page goes on asking.</p>
    </section>
  )
}

function nowOf(state: DashboardState | null): number {
  return state === null ? 0 : Date.parse(state.at)
}
