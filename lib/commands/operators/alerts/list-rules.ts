import * as z from 'zod'
import { listRules as readRules } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { knownRuleShape, shownRule } from '../../rule-shape.js'

export const listRules = command({
  name: 'list-rules',
  summary: 'The rules that alert and roll back: what is shipped, and what is stored in its place.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/rules' },
  input: z.strictObject({ component: z.string().optional().describe('Only what is for it, or for every component') }),
  output: z.object({ items: z.array(knownRuleShape) }),
  run: async ({ engine }: CommandContext, { component }) => {
    const known = await readRules(engine)
    const asked = known.filter(({ rule }) => component === undefined || [component, '*'].includes(rule.component))
    return { items: asked.map(shownRule) }
  },
})
