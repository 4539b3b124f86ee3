import type { DashboardState } from '../state.js'
import { Panel } from './panel.js'

export function Audit({ state }: { state: DashboardState }) {
  return (
    <Panel id="audit" title="Audit trail">
      <p>{state.at}</p>
    </Panel>
  )
}
