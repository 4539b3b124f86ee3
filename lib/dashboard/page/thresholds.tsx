import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Thresholds({ state }: { state: DashboardState }) {
  return (
    <Panel id="thresholds" title="Thresholds">
      <p>{state.at}</p>
    </Panel>
  )
}
