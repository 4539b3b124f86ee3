import { deleteRule as remove } from '../../../engine/monitor/rules.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { ifRevision, ruleChangeShape, ruleInput, shownChange } from '../../rule-shape.js'
import { reasonInput } from '../../shapes.js'

export const deleteRule = command({
  name: 'delete-rule',
  summary: 'Removes a stored rule; what is shipped under its name, or stored for every component, holds again.',
  role: 'operator',
  readOnly: false,
  destructive: true,
  http: { method: 'DELETE', path: '/rules/{name}' },
  input: ruleInput.extend({ ifRevision, ...reasonInput.shape }),
  output: ruleChangeShape,
  run: async ({ engine }: CommandContext, { name, component, reason, ifRevision: revision }, caller) =>
    shownChange(await remove(engine, { name, component }, { by: caller.name, reason }, revision)),
})
