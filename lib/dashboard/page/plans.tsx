import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Plans({ state }: { state: DashboardState }) {
  return (
    <Panel id="plans" title="Plan">
      <p>{state.at}</p>
    </Panel>
  )
}
