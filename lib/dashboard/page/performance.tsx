import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Performance({ state }: { state: DashboardState }) {
  return (
    <Panel id="performance" title="Performance">
      <p>{state.at}</p>
    </Panel>
  )
}
