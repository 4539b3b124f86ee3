import type { Role } from '../../commands/command.js'
import type { Act } from '../page/act.js'
import type { DashboardState } from '../state.js'

export interface ActDialogProps {
  act: Act
  state: DashboardState
  role: Role | null
  onClose(): void
  /** Something was done: what is shown is asked for again at once. */
  onDone(): void
}

export function ActDialog(_: ActDialogProps) {
  return null
}
