import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Experiments({ state }: { state: DashboardState }) {
  return (
    <Panel id="experiments" title="Experiments">
      <p>{state.at}</p>
    </Panel>
  )
}
