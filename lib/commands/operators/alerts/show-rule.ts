import { readRule } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { knownRuleShape, ruleInput, shownRule } from '../../rule-shape.js'

export const showRule = command({
  name: 'show-rule',
  summary: 'One rule, for a component or for every one.',
  role: 'viewer',
  readOnly: true,
  destructive: false,
  http: { method: 'GET', path: '/rules/{name}' },
  input: ruleInput,
  output: knownRuleShape,
  run: async ({ engine }: CommandContext, { name, component }) => shownRule(await readRule(engine, name, component)),
})
