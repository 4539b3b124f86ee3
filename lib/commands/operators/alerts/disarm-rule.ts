import { armRule as arm } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { ruleChangeShape, ruleInput, shownChange } from '../../rule-shape.js'
import { reasonInput } from '../../shapes.js'

export const disarmRule = command({
  name: 'disarm-rule',
  summary: 'Disarms a rule: it is not weighed, and what it had found is let go.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'POST', path: '/rules/{name}/disarm' },
  input: ruleInput.extend(reasonInput.shape),
  output: ruleChangeShape,
  run: async ({ engine }: CommandContext, { name, component, reason }, caller) =>
    shownChange(await arm(engine, { name, component }, false, { by: caller.name, reason })),
})
