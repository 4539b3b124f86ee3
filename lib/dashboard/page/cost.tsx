import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Cost({ state }: { state: DashboardState }) {
  return (
    <Panel id="cost" title="Cost">
      <p>{state.at}</p>
    </Panel>
  )
}
