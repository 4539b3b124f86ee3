import { planStatus } from '../../../engine/autopilot/status.js'
import { resumePlan as resume } from '../../../engine/autopilot/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { autopilotFor, planName, planShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { shownPlan } from '../../shown-plan.js'

export const resumePlan = command({
  name: 'resume-plan',
  summary: 'Lets a plan go on, after a pause or a turning back.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/plans/{name}/resume' },
  input: planName.extend(reasonInput.shape),
  output: planShape,
  run: async (context: CommandContext, { name, reason }, caller) => {
    await refuseWhileStopped(context.engine)
    const autopilot = autopilotFor(context)
    await resume(autopilot, name, { by: caller.name, reason })
    return shownPlan(await planStatus(autopilot, name))
  },
})
