import { planStatus } from '../../../engine/autopilot/status.js'
import { autopilotFor, planName, planShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { shownPlan } from '../../shown-plan.js'

export const showPlan = command({
  name: 'show-plan',
  summary: 'Where a plan stands, what it waits for, and what it has decided.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/plans/{name}' },
  input: planName,
  output: planShape,
  run: async (context: CommandContext, { name }) => shownPlan(await planStatus(autopilotFor(context), name)),
})
