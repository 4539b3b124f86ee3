import { armRule as arm } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { ruleChangeShape, ruleInput, shownChange } from '../../rule-shape.js'
import { reasonInput } from '../../shapes.js'

export const armRule = command({
  name: 'arm-rule',
  summary: 'Arms a rule: it is weighed from now on, and acts.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'POST', path: '/rules/{name}/arm' },
  input: ruleInput.extend(reasonInput.shape),
  output: ruleChangeShape,
  run: async ({ engine }: CommandContext, { name, component, reason }, caller) =>
    shownChange(await arm(engine, { name, component }, true, { by: caller.name, reason })),
})
