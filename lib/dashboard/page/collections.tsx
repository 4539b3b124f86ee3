import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Collections({ state }: { state: DashboardState }) {
  return (
    <Panel id="collections" title="Collections">
      <p>{state.at}</p>
    </Panel>
  )
}
