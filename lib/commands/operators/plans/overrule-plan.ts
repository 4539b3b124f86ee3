import * as z from 'zod'
import { planStatus } from '../../../engine/autopilot/status.js'
import { overrulePlan as overrule } from '../../../engine/autopilot/steer.js'
import { refuseWhileStopped } from '../../../engine/rollback/stopped.js'
import { autopilotFor, planName, planShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { reasonInput } from '../../shapes.js'
import { shownPlan } from '../../shown-plan.js'

export const overrulePlan = command({
  name: 'overrule-plan',
  summary: 'Overrules a plan: advance, skip, repeat or turn back the step it is at.',
  role: 'admin',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/plans/{name}/overrule' },
  input: planName.extend({ ...reasonInput.shape, verb: z.enum(['advance', 'skip', 'repeat', 'turn-back']) }),
  output: planShape,
  run: async (context: CommandContext, { name, verb, reason }, caller) => {
    if (verb !== 'turn-back') await refuseWhileStopped(context.engine)
    const autopilot = autopilotFor(context)
    await overrule(autopilot, name, verb, { by: caller.name, reason })
    return shownPlan(await planStatus(autopilot, name))
  },
})
