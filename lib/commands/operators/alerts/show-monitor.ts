import * as z from 'zod'
import { rulesOf } from '../../../core/monitor/apply.js'
import { SHIPPED_RULES } from '../../../core/monitor/default-rules.js'
import { componentOf } from '../../../engine/components.js'
import { readStandings, storedRules } from '../../../engine/monitor/kept.js'
import { timeOf } from '../../alert-shape.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'

export const showMonitor = command({
  name: 'show-monitor',
  summary: 'Where every rule of a component stands, by its latest weighing.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/monitor/{component}' },
  input: z.strictObject({ component: z.string().min(1).describe('Name of the component') }),
  output: z.object({
    component: z.string(),
    rules: z.array(
      z.object({
        rule: z.string(),
        armed: z.boolean(),
        status: z.enum(['clear', 'breached']).nullable().describe('null: never weighed'),
        outcome: z.string().nullable(),
        because: z.string().nullable(),
        numbers: z.record(z.string(), z.unknown()),
        weighedAt: z.string().nullable(),
        decision: z.string().nullable(),
        action: z.object({ status: z.string(), because: z.string(), rollbackId: z.string().nullable() }).nullable(),
      }),
    ),
  }),
  run: async ({ engine }: CommandContext, { component: name }) => {
    const component = await componentOf(engine, name)
    const stored = (await storedRules(engine)).map(({ rule }) => rule)
    const { standings } = await readStandings(engine, name)
    const rules = rulesOf(component, stored, SHIPPED_RULES).map(({ name: rule, armed }) => {
      const {
        status = null,
        outcome = null,
        because = null,
        numbers = {},
        weighedAt,
        decision = null,
        action,
      } = standings[rule] ?? {}
      const doing =
        action == null ? null : { status: action.status, because: action.because, rollbackId: action.rollbackId }
      const at = weighedAt === undefined ? null : timeOf(weighedAt)
      return { rule, armed, status, outcome, because, numbers: { ...numbers }, weighedAt: at, decision, action: doing }
    })
    return { component: name, rules }
  },
})
