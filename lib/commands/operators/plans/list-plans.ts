import * as z from 'zod'
import { planNames } from '../../../engine/autopilot/kept.js'
import { planStatus } from '../../../engine/autopilot/status.js'
import { autopilotFor, planShape } from '../../autopilot.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { shownPlan } from '../../shown-plan.js'

export const listPlans = command({
  name: 'list-plans',
  summary: 'Every plan and where it stands.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/plans' },
  input: z.strictObject({}),
  output: z.array(planShape),
  run: async (context: CommandContext) => {
    const autopilot = autopilotFor(context)
    const names = await planNames(autopilot)
    return Promise.all(names.map(async (name) => shownPlan(await planStatus(autopilot, name))))
  },
})
