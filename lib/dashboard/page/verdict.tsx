import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Verdict({ state }: { state: DashboardState }) {
  return (
    <Panel id="verdict" title="State">
      <p>{state.at}</p>
    </Panel>
  )
}
