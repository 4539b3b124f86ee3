import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Runs({ state }: { state: DashboardState }) {
  return (
    <Panel id="runs" title="Runs">
      <p>{state.at}</p>
    </Panel>
  )
}
