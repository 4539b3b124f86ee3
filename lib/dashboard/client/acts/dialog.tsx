import { includesRole, type Role } from '../../../commands/command.js'
import { ACTS, type Act } from '../../page/act.js'
import type { ActProps } from './form.js'
import { Frame } from './frame.js'
import { SteerOther } from './others.js'
import { RollBackPart, SetShare } from './part.js'
import { RollBack } from './roll-back.js'
import { SteerRun } from './runs.js'
import { Advance, SetRollout } from './stage.js'
import { StartRun } from './start-run.js'
import { EmergencyStop, LiftStop } from './stop.js'

/**
 * The dialog of an act: what will happen, why it is done, whether it is meant, and what became of it. Nothing is done
 * that its preview did not show: a stage change carries the epoch of the preview, and whoever was overtaken is told by
 * whom.
 */
export function ActDialog({ act, role, ...props }: ActDialogProps) {
  const { role: needed } = ACTS[act.kind]
  // Which act it is decides everything below; another one must begin afresh.
  const key = JSON.stringify(act)
  if (!includesRole(role, needed))
    return (
      <Frame title={ACTS[act.kind].label} onClose={props.onClose}>
        <p class="act-body">
          This needs the role {needed}; you are signed in as {role ?? 'nobody'}.
        </p>
      </Frame>
    )
  switch (act.kind) {
    case 'advance':
      return <Advance key={key} act={act} {...props} />
    case 'set-rollout':
      return <SetRollout key={key} act={act} {...props} />
    case 'roll-back':
      return <RollBack key={key} act={act} {...props} />
    case 'set-share':
      return <SetShare key={key} act={act} {...props} />
    case 'roll-back-part':
      return <RollBackPart key={key} act={act} {...props} />
    case 'backfill':
    case 'validate':
    case 'repair':
    case 'check-zero-loss':
      return <StartRun key={key} act={act} {...props} />
    case 'pause-run':
    case 'resume-run':
    case 'cancel-run':
      return <SteerRun key={key} act={act} {...props} />
    case 'emergency-stop':
      return <EmergencyStop key={key} {...props} />
    case 'lift-emergency-stop':
      return <LiftStop key={key} {...props} />
    default:
      return <SteerOther key={key} act={act} {...props} />
  }
}

interface ActDialogProps extends ActProps {
  act: Act
  role: Role | null
}
