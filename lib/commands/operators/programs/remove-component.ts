import { removeComponent as remove } from '../../../engine/programs/declare.js'
import { command } from '../../command.js'
import type { CommandContext } from '../../context.js'
import { componentName, declaredShape } from '../../programs.js'
import { reasonInput } from '../../shapes.js'

export const removeComponent = command({
  name: 'remove-component',
  summary: 'Takes a declared component away; its flag stays as it is.',
  role: 'operator',
  readOnly: false,
  destructive: false,
  http: { method: 'DELETE', path: '/components/{name}' },
  input: componentName.extend(reasonInput.shape),
  output: declaredShape,
  run: async ({ engine }: CommandContext, { name, reason }, caller) =>
    remove(engine, name, { by: caller.name, reason }),
})
