import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Rollbacks({ state }: { state: DashboardState }) {
  return (
    <Panel id="rollbacks" title="Rollbacks">
      <p>{state.at}</p>
    </Panel>
  )
}
