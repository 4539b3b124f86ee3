import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Consistency({ state }: { state: DashboardState }) {
  return (
    <Panel id="consistency" title="Consistency">
      <p>{state.at}</p>
    </Panel>
  )
}
