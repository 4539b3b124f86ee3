import type { Boot, DashboardState } from '../state.js'
import { Alerts } from './alerts.js'
import { Audit } from './audit.js'
import { Collections } from './collections.js'
import { Consistency } from './consistency.js'
import { Cost } from './cost.js'
import { Experiments } from './experiments.js'
import { Header } from './header.js'
import { Health } from './health.js'
import { Overrides } from './overrides.js'
import { Performance } from './performance.js'
import { Plans } from './plans.js'
import { Rollbacks } from './rollbacks.js'
import { Runs } from './runs.js'
import { type Steering, Steers } from './steering.js'
import { Thresholds } from './thresholds.js'
import { Verdict } from './verdict.js'

/**
 * Everything an operator sees. The first screen answers three questions: what is happening, is it safe, how does one go
 * back. Below it lies what the answers rest on.
 */
export function Page({ boot, live }: { boot: Boot; live?: LivePage }) {
  const state = live?.state ?? boot.state
  const steering: Steering = live?.steering ?? { role: boot.caller.role, zone: 'UTC', nowMs: nowOf(state), ask: null }
  return (
    <Steers.Provider value={steering}>
      <a class="skip" href="#collections">
        Skip to the collections
      </a>
      <Header boot={boot} connection={live?.connection ?? null} state={state} />
      <main>
        {state === null ? <NoState fault={boot.fault} /> : <Panels state={state} />}
        <noscript>
          <p class="notice">
            This is how it stood at the moment of loading. To follow and steer it here, allow JavaScript; or use{' '}
            <code>npm run cutover</code>.
          </p>
        </noscript>
      </main>
      {live?.dialog}
    </Steers.Provider>
  )
}

/** What only a browser that runs the script has. */
export interface LivePage {
  state: DashboardState | null
  steering: Steering
  connection: Connection
  /** The dialog that is open. */
  dialog: preact.ComponentChildren
}

/** How fresh what is shown is, and how it is kept so. */
export interface Connection {
  kind: 'live' | 'polling' | 'offline' | 'signed-out'
  /** Wall-clock milliseconds of the state that is shown. */
  asOfMs: number
  /** It is older than it should be. */
  stale: boolean
}

function Panels({ state }: { state: DashboardState }) {
  return (
    <>
      <Verdict state={state} />
      <Collections state={state} />
      <div class="columns">
        <div>
          <Runs state={state} />
          <Performance state={state} />
          <Consistency state={state} />
          <Plans state={state} />
          <Experiments state={state} />
        </div>
        <div>
          <Alerts state={state} />
          <Thresholds state={state} />
          <Health state={state} />
          <Cost state={state} />
          <Rollbacks state={state} />
          <Overrides state={state} />
        </div>
      </div>
      <Audit state={state} />
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
