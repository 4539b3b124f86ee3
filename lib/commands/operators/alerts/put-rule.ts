import { putRule as put } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { ifRevision, ruleChangeShape, ruleMembers, ruleName, ruleOf, shownChange } from '../../rule-shape.js'
import { reasonInput } from '../../shapes.js'

export const putRule = command({
  name: 'put-rule',
  summary: 'Stores a rule, in place of the one under its name: for every component, or for one.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'PUT', path: '/rules/{name}' },
  input: ruleMembers.extend({ name: ruleName, ifRevision, ...reasonInput.shape }),
  output: ruleChangeShape,
  run: async ({ engine }: CommandContext, { name, reason, ifRevision: revision, ...members }, caller) => {
    const mover = { by: caller.name, reason }
    return shownChange(await put(engine, ruleOf(name, members), mover, { ifRevision: revision }))
  },
})
