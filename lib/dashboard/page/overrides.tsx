import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Overrides({ state }: { state: DashboardState }) {
  return (
    <Panel id="overrides" title="Overrides">
      <p>{state.at}</p>
    </Panel>
  )
}
