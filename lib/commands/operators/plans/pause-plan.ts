import { planStatus } from '../../../engine/autopilot/status.js'
import { pausePlan as pause } from '../../../engine/autopilot/steer.js'
import { autopilotFor, planName, planShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { shownPlan } from '../../shown-plan.js'

export const pausePlan = command({
  name: 'pause-plan',
  summary: 'Pauses a plan: nothing more is begun.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/plans/{name}/pause' },
  input: planName.extend(reasonInput.shape),
  output: planShape,
  run: async (context: CommandContext, { name, reason }, caller) => {
    const autopilot = autopilotFor(context)
    await pause(autopilot, name, { by: caller.name, reason })
    return shownPlan(await planStatus(autopilot, name))
  },
})
