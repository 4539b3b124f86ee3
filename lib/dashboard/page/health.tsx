import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Health({ state }: { state: DashboardState }) {
  return (
    <Panel id="health" title="Health">
      <p>{state.at}</p>
    </Panel>
  )
}
