import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Alerts({ state }: { state: DashboardState }) {
  return (
    <Panel id="alerts" title="Alerts">
      <p>{state.at}</p>
    </Panel>
  )
}
